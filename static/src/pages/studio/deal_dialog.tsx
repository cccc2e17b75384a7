/** The deal price of a card: what it costs while it is on screen. */

import { useLayoutEffect, useState } from "preact/hooks";
import { minorUnits } from "../../core/amounts";
import { money } from "../../core/i18n";
import type { Card } from "../../core/types";
import { Button } from "../../design/button";
import { Dialog } from "../../design/dialog";
import { TextInput } from "../../design/fields";
import { t } from "./text";

interface DealDialogProps {
  card: Card | null;
  onClose: () => void;
  /** Null takes the deal away. */
  onSave: (card: Card, deal: number | null) => void;
}

export function DealDialog({ card, onClose, onSave }: DealDialogProps) {
  const [text, setText] = useState("");
  const [error, setError] = useState<string | null>(null);
  // Before the first key can be pressed: an effect after painting could wipe what was typed.
  useLayoutEffect(() => {
    setText(card?.deal_price ? String(card.deal_price / 100) : "");
    setError(null);
  }, [card?.id]);
  if (!card) return null;
  const save = () => {
    if (text.trim() === "") {
      onSave(card, null);
      return;
    }
    const amount = minorUnits(text);
    if (amount === null || amount <= 0 || amount >= card.product.price) setError(t("deal_bad"));
    else onSave(card, amount);
  };
  return (
    <Dialog
      open
      title={card.product.name}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t("cancel")}</Button>
          <Button variant="primary" onClick={save} data-testid="deal-save">
            {t("save")}
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <TextInput
          label={t("deal")}
          hint={t("deal_hint", { price: money(card.product.price, card.product.currency) })}
          error={error}
          inputMode="decimal"
          start="¥"
          value={text}
          onValue={(value) => {
            setText(value);
            setError(null);
          }}
          data-testid="deal-price"
        />
      </form>
    </Dialog>
  );
}
