import { useEffect, useRef, useState } from "preact/hooks";

import { ApiProblem } from "../core/api";
import { locale, money } from "../core/i18n";
import { Button } from "../design/button";
import { ErrorState } from "../design/notices";
import { Skeleton } from "../design/progress";
import type { Paying, Waiting } from "./paying";
import { t } from "./pay_text";
import { StripeForm } from "./stripe";
import { t as buying } from "./text";

/** Refusals that have a sentence of their own (core/problems.ts). */
const KNOWN: ReadonlySet<string> = new Set(["card_declined", "insufficient_funds", "expired_card", "incorrect_cvc", "processing_error"]);

/** The provider's own form for the card: what is typed there never comes to us. */
export function StripeStep({ waiting, paying }: { waiting: Extract<Waiting, { kind: "stripe" }>; paying: Paying }) {
  const target = useRef<HTMLDivElement>(null);
  const form = useRef<StripeForm | null>(null);
  const [ready, setReady] = useState(false);
  const [broken, setBroken] = useState(false);
  const [turn, setTurn] = useState(0);
  const [busy, setBusy] = useState(false);
  const { order, secret, key, script } = waiting;

  useEffect(() => {
    let gone = false;
    const element = target.current;
    if (!element) return undefined;
    setBroken(false);
    const dark = document.documentElement.dataset["theme"] === "dark";
    StripeForm.open(element, script, key, secret, dark, locale()).then(
      (opened) => {
        if (gone) return opened.close();
        form.current = opened;
        setReady(true);
      },
      () => !gone && setBroken(true),
    );
    return () => {
      gone = true;
      form.current?.close();
      form.current = null;
    };
  }, [secret, turn]);

  async function confirm(): Promise<void> {
    if (!form.current || busy) return;
    setBusy(true);
    const refusal = await form.current.confirm(`${location.origin}/orders/${order.id}`).catch(() => "payment_failed");
    setBusy(false);
    if (refusal !== null) paying.fail(new ApiProblem(KNOWN.has(refusal) ? refusal : "payment_failed", 402));
    else await paying.look();
  }

  if (broken) return <ErrorState error={null} title={t("stripe_failed")} onRetry={() => setTurn(turn + 1)} />;
  return (
    <div class="stack" data-testid="stripe">
      {!ready && (
        <div class="stack" role="status">
          <span class="sr-only">{t("stripe_loading")}</span>
          <Skeleton height="220px" />
        </div>
      )}
      <div ref={target} />
      <Button variant="primary" size="l" wide icon="lock" disabled={!ready} busy={busy || paying.busy} onClick={() => void confirm()} data-testid="stripe-pay">
        {buying("pay", { total: money(order.total, order.currency) })}
      </Button>
    </div>
  );
}
