import { money } from "../core/i18n";
import { Button } from "../design/button";
import { Icon } from "../design/icons";
import { Spinner } from "../design/progress";
import { StripeStep } from "./stripe_step";
import type { Paying, Waiting } from "./paying";
import { t } from "./pay_text";

/** What is still to happen before a payment is done: the bank's question, the provider's form, or patience. */
export function WaitingStep({ waiting, paying }: { waiting: Waiting; paying: Paying }) {
  if (waiting.kind === "stripe") return <StripeStep waiting={waiting} paying={paying} />;
  const total = money(waiting.order.total, waiting.order.currency);
  if (waiting.kind === "pending") {
    return (
      <div class="stack buy-bank" role="status" data-testid="pay-pending">
        <Spinner size={36} />
        <h3>{t("pending_title")}</h3>
        <p class="muted">{t("pending_text")}</p>
      </div>
    );
  }
  return (
    <div class="stack buy-bank" role="alertdialog" aria-label={t("confirm_title")} data-testid="pay-action">
      <span class="n-empty__icon">
        <Icon name="shield" size={32} />
      </span>
      <h3>{t("confirm_title")}</h3>
      <p class="muted">{t("confirm_text", { total })}</p>
      <Button variant="primary" size="l" wide busy={paying.busy} onClick={() => void paying.confirm(true)} data-testid="pay-confirm">
        {t("confirm_yes")}
      </Button>
      <Button wide disabled={paying.busy} onClick={() => void paying.confirm(false)} data-testid="pay-refuse">
        {t("confirm_no")}
      </Button>
    </div>
  );
}
