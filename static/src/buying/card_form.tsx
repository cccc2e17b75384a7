import { useState } from "preact/hooks";

import { TextInput } from "../design/fields";
import { Icon } from "../design/icons";
import type { CardDetails } from "./checkout";
import { t } from "./text";

/** The cards of the built-in payment sandbox (orders/payments/sandbox.py). */
const TRY = [
  { number: "4242 4242 4242 4242", says: "sandbox_good" },
  { number: "4000 0000 0000 0002", says: "sandbox_declined" },
  { number: "4000 0000 0000 9995", says: "sandbox_poor" },
] as const;

export const EMPTY_CARD: CardDetails = { number: "", expiry: "", cvc: "" };

const digits = (text: string): string => text.replace(/\D/g, "");

/** Groups of four, as printed on the card. */
function grouped(text: string): string {
  return digits(text).slice(0, 19).replace(/(\d{4})(?=\d)/g, "$1 ");
}

function dated(text: string): string {
  const only = digits(text).slice(0, 4);
  return only.length > 2 ? `${only.slice(0, 2)}/${only.slice(2)}` : only;
}

/** The check digit of ISO/IEC 7812-1. */
function luhn(number: string): boolean {
  let sum = 0;
  for (let at = 0; at < number.length; at += 1) {
    const digit = Number(number[number.length - 1 - at]);
    const twice = digit * 2;
    sum += at % 2 === 0 ? digit : twice > 9 ? twice - 9 : twice;
  }
  return number.length >= 12 && sum % 10 === 0;
}

function inFuture(expiry: string, now = new Date()): boolean {
  const [month, year] = expiry.split("/").map(Number);
  if (!month || !year || month > 12) return false;
  return new Date(2000 + year, month) > now;
}

/** What is wrong with the card, by field; all null when nothing is. */
export function cardFaults(card: CardDetails): Record<keyof CardDetails, string | null> {
  return {
    number: luhn(digits(card.number)) ? null : t("card_bad"),
    expiry: inFuture(card.expiry) ? null : t("expiry_bad"),
    cvc: /^\d{3,4}$/.test(card.cvc) ? null : t("cvc_bad"),
  };
}

/** As the API wants it: the number without its spaces. */
export function cardDetails(card: CardDetails): CardDetails {
  return { ...card, number: digits(card.number) };
}

export interface CardFormProps {
  card: CardDetails;
  tried: boolean;
  onChange: (card: CardDetails) => void;
}

export function CardForm({ card, tried, onChange }: CardFormProps) {
  const [touched, setTouched] = useState<Partial<Record<keyof CardDetails, boolean>>>({});
  const faults = cardFaults(card);
  const fault = (field: keyof CardDetails) => (tried || (touched[field] && card[field] !== "") ? faults[field] : null);
  const left = (field: keyof CardDetails) => () => setTouched({ ...touched, [field]: true });
  return (
    <fieldset class="stack buy-card">
      <legend class="buy-legend">{t("card_title")}</legend>
      <TextInput
        label={t("card_number")}
        inputMode="numeric"
        name="cardnumber"
        autocomplete="cc-number"
        placeholder="0000 0000 0000 0000"
        value={card.number}
        onValue={(number) => onChange({ ...card, number: grouped(number) })}
        onBlur={left("number")}
        error={fault("number")}
        end={<Icon name="card" size={20} />}
        data-testid="card-number"
      />
      <div class="buy-card__pair">
        <TextInput
          label={t("card_expiry")}
          inputMode="numeric"
          name="cc-exp"
          autocomplete="cc-exp"
          placeholder={t("card_expiry_hint")}
          value={card.expiry}
          onValue={(expiry) => onChange({ ...card, expiry: dated(expiry) })}
          onBlur={left("expiry")}
          error={fault("expiry")}
          data-testid="card-expiry"
        />
        <TextInput
          label={t("card_cvc")}
          inputMode="numeric"
          name="cvc"
          autocomplete="cc-csc"
          placeholder="000"
          value={card.cvc}
          onValue={(cvc) => onChange({ ...card, cvc: digits(cvc).slice(0, 4) })}
          onBlur={left("cvc")}
          error={fault("cvc")}
          data-testid="card-cvc"
        />
      </div>
      <div class="buy-sandbox">
        <p class="small">
          <strong>{t("sandbox")}</strong> · {t("sandbox_text")}
        </p>
        <div class="buy-sandbox__cards">
          {TRY.map(({ number, says }) => (
            <button
              key={number}
              type="button"
              class="buy-sandbox__card"
              data-testid={`sandbox-${says.slice("sandbox_".length)}`}
              onClick={() => onChange({ number, expiry: "12/34", cvc: "123" })}
            >
              <strong class="num">{number.slice(-4)}</strong> {t(says)}
            </button>
          ))}
        </div>
      </div>
    </fieldset>
  );
}
