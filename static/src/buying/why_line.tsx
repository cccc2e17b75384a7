import { distance, minutes } from "../core/i18n";
import type { Why } from "../core/types";
import { Icon } from "../design/icons";
import { t } from "./offer_text";

/** "Why this store?": closed until somebody asks. */
export function WhyLine({ why }: { why: Why }) {
  const reason = why.strategy === "show_store" && !why.show_store ? "why_show_store_not" : (`why_${why.strategy}` as const);
  return (
    <details class="buy-why" data-testid="why">
      <summary>
        {t("why")}
        <Icon name="chevron-down" size={18} />
      </summary>
      <div class="buy-why__text small">
        <p>
          {t(reason)} {t("why_facts", { distance: distance(why.distance_m), time: minutes(why.minutes) })}
          {why.choice > 1 && ` ${t("why_retry")}`}
        </p>
        {why.passed.length > 0 && (
          <>
            <p>{t("passed_by")}</p>
            <ul>
              {why.passed.map((one) => (
                <li key={one.store_id}>
                  {one.store_name} <span class="num">({distance(one.distance_m)})</span>: {t(`passed_${one.reason}`)}
                </li>
              ))}
            </ul>
          </>
        )}
      </div>
    </details>
  );
}
