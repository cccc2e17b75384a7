/** A flash sale to be set up on a card: price, how long, how many in all and for each buyer, now or in a moment. */

import { useLayoutEffect, useState } from "preact/hooks";
import { minorUnits, wholeNumber } from "../../core/amounts";
import { post } from "../../core/api";
import { money } from "../../core/i18n";
import type { Card, HostFlash } from "../../core/types";
import { Button } from "../../design/button";
import { Dialog } from "../../design/dialog";
import { TextInput } from "../../design/fields";
import { ProblemNote } from "../../design/notices";
import { Choice } from "../../design/toggles";
import { t } from "./flash_text";

const SECONDS = ["10", "30", "60", "180", "300"] as const;
type Seconds = (typeof SECONDS)[number] | "other";
const STARTS = ["0", "5", "30"] as const;
type Starts = (typeof STARTS)[number];

interface FlashDialogProps {
  showId: string;
  card: Card | null;
  pinned: boolean;
  onClose: () => void;
  onStarted: (card: Card, flash: HostFlash) => void;
}

export function FlashDialog({ showId, card, pinned, onClose, onStarted }: FlashDialogProps) {
  const [price, setPrice] = useState("");
  const [seconds, setSeconds] = useState<Seconds>("60");
  const [custom, setCustom] = useState("");
  const [total, setTotal] = useState("30");
  const [perBuyer, setPerBuyer] = useState("1");
  const [starts, setStarts] = useState<Starts>("0");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  // Before the first key can be pressed: an effect after painting could wipe what was typed.
  useLayoutEffect(() => {
    setPrice("");
    setTried(false);
    setError(null);
  }, [card?.id]);
  if (!card) return null;

  const listed = card.product.price;
  const amount = minorUnits(price);
  const wanted = {
    price: amount !== null && amount > 0 && amount < listed ? amount : null,
    duration_s: seconds === "other" ? wholeNumber(custom, 10, 86_400) : Number(seconds),
    total: wholeNumber(total, 1, 1_000_000),
    per_buyer: wholeNumber(perBuyer, 1, wholeNumber(total, 1, 1_000_000) ?? 1_000_000),
    starts_in_s: Number(starts),
  };
  const fault = (name: keyof typeof wanted, text: string) => (tried && wanted[name] === null ? text : null);

  async function start(of: Card): Promise<void> {
    setTried(true);
    if (Object.values(wanted).includes(null) || busy) return;
    setBusy(true);
    setError(null);
    try {
      onStarted(of, await post<HostFlash>(`/api/shows/${showId}/cards/${of.id}/flash`, wanted));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog
      open
      title={t("flash_title", { product: card.product.name })}
      onClose={onClose}
      data-testid="flash-dialog"
      actions={
        <>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button variant="primary" icon="bolt" busy={busy} onClick={() => void start(card)} data-testid="flash-go">
            {t("go")}
          </Button>
        </>
      }
    >
      <form
        class="stack st-flash-form"
        onSubmit={(event) => {
          event.preventDefault();
          void start(card);
        }}
        noValidate
      >
        <TextInput
          label={t("price")}
          hint={t("price_hint", { price: money(listed, card.product.currency) })}
          error={fault("price", t("price_bad"))}
          inputMode="decimal"
          start="¥"
          value={price}
          onValue={setPrice}
          data-testid="flash-price"
        />
        <div class="st-flash-form__group">
          <p class="n-field__label">{t("duration")}</p>
          <Choice
            label={t("duration")}
            look="chips"
            value={seconds}
            options={[
              ...SECONDS.map((value) => ({ value: value as Seconds, label: Number(value) < 60 ? t("seconds", { n: Number(value) }) : t("minutes", { n: Number(value) / 60 }) })),
              { value: "other" as Seconds, label: t("custom") },
            ]}
            onChange={setSeconds}
          />
        </div>
        {seconds === "other" && (
          <TextInput label={t("custom_seconds")} error={fault("duration_s", t("duration_bad"))} inputMode="numeric" value={custom} onValue={setCustom} data-testid="flash-seconds" />
        )}
        <div class="st-flash-form__pair">
          <TextInput label={t("total")} error={fault("total", t("total_bad"))} inputMode="numeric" value={total} onValue={setTotal} data-testid="flash-total" />
          <TextInput label={t("per_buyer")} error={fault("per_buyer", t("per_buyer_bad"))} inputMode="numeric" value={perBuyer} onValue={setPerBuyer} data-testid="flash-per-buyer" />
        </div>
        <div class="st-flash-form__group">
          <p class="n-field__label">{t("starts")}</p>
          <Choice
            label={t("starts")}
            value={starts}
            options={STARTS.map((value) => ({ value, label: value === "0" ? t("starts_now") : t("starts_in", { n: Number(value) }) }))}
            onChange={setStarts}
          />
        </div>
        {!pinned && <p class="muted small">{t("pin_first")}</p>}
        <ProblemNote error={error} />
        <button type="submit" hidden />
      </form>
    </Dialog>
  );
}
