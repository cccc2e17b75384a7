/** What could not be done after all, and why; and how much still waits for the network. */

import { ApiProblem } from "../../core/api";
import { problemText } from "../../core/problems";
import type { OrderStatus } from "../../core/types";
import { Button, IconButton } from "../../design/button";
import { Icon } from "../../design/icons";
import type { Refusal } from "../../work/outbox";
import type { CounterState } from "./counter_state";
import { t } from "./text";

export function Refusals({ state }: { state: CounterState }) {
  const { refusals, deeds } = state.outbox;
  return (
    <div class="ct-refusals" role="status" aria-live="polite">
      {deeds.value.length > 0 && (
        <p class="ct-unsent" data-testid="unsent">
          <Icon name="refresh" size={18} />
          <span class="grow">{t("waiting", { n: deeds.value.length })}</span>
          <Button size="s" onClick={() => void state.outbox.flush()}>
            {t("send_now")}
          </Button>
        </p>
      )}
      {refusals.value.map((refusal) => (
        <div key={refusal.deed.id} class="ct-refusal" data-testid="refusal">
          <Icon name="alert" size={20} />
          <p class="grow">
            <b>
              {refusal.deed.label} · {t(`deed_${refusal.deed.kind}`)}
            </b>
            <span>
              {problemText(new ApiProblem(refusal.code, 0))}
              {become(refusal)}
              {refusal.dropped > 0 && ` ${t("dropped", { n: refusal.dropped })}`}
            </span>
          </p>
          <IconButton icon="close" label={t("dismiss")} onClick={() => state.outbox.dismiss(refusal)} data-testid="refusal-dismiss" />
        </div>
      ))}
    </div>
  );
}

/** What the order has become, where the server says so. */
function become({ extra }: Refusal): string {
  const status = extra["order_status"] as OrderStatus | undefined;
  return status === undefined ? "" : ` (${t(`st_${status}`)})`;
}
