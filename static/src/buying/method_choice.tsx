import { money } from "../core/i18n";
import type { PaymentMethod } from "../core/types";
import { cx } from "../design/class_names";
import { Icon, type IconName } from "../design/icons";
import { Banner } from "../design/notices";
import { Skeleton } from "../design/progress";
import { CardForm } from "./card_form";
import { t } from "./pay_text";
import type { Paying } from "./paying";

const ICONS: Readonly<Record<PaymentMethod["kind"], IconName>> = { card: "receipt", stripe: "lock", cash: "box" };
const ARROWS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/** How to pay, and what the chosen way asks for. */
export function MethodChoice({ paying, total }: { paying: Paying; total: number }) {
  const { methods, method } = paying;
  if (methods === null) return <Skeleton height="220px" />;
  if (methods.length === 0) return <Banner tone="bad">{t("methods_none")}</Banner>;
  const tooDear = (one: PaymentMethod) => one.max_total !== null && total > one.max_total;
  const open = methods.filter((one) => !tooDear(one));
  const move = (event: KeyboardEvent, at: number): void => {
    const by = ARROWS[event.key];
    const next = by === undefined ? undefined : open[(at + by + open.length) % open.length];
    if (!next) return;
    event.preventDefault();
    paying.choose(next.provider);
    const group = (event.currentTarget as HTMLElement).parentElement;
    group?.querySelector<HTMLElement>(`[data-testid=method-${next.provider}]`)?.focus();
  };
  return (
    <section class="stack buy-methods" aria-label={t("method")}>
      {methods.length > 1 && (
        <div class="n-choice n-choice--rows" role="radiogroup" aria-label={t("method")}>
          {methods.map((one) => (
            <button
              key={one.provider}
              type="button"
              role="radio"
              class={cx("n-choice__option", "buy-method")}
              aria-checked={one === method ? "true" : "false"}
              tabIndex={one === method ? 0 : -1}
              disabled={tooDear(one)}
              onClick={() => paying.choose(one.provider)}
              onKeyDown={(event) => move(event, open.indexOf(one))}
              data-testid={`method-${one.provider}`}
            >
              <Icon name={ICONS[one.kind]} size={20} />
              <span class="n-choice__text">
                <span>{t(`method_${one.kind}`)}</span>
                <span class="n-choice__hint">
                  {tooDear(one) && one.max_total !== null ? t("method_cash_limit", { amount: money(one.max_total) }) : t(`method_${one.kind}_text`)}
                </span>
              </span>
            </button>
          ))}
        </div>
      )}
      {method?.kind === "card" && <CardForm card={paying.card} tried={paying.tried} onChange={paying.setCard} />}
    </section>
  );
}
