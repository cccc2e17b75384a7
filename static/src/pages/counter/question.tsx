/** What the buyer was asked about what is missing, and what became of it. */

import { duration } from "../../core/i18n";
import type { CounterOrder } from "../../core/types";
import { Button } from "../../design/button";
import { Icon } from "../../design/icons";
import { now } from "../../work/clock";
import type { CounterState } from "./counter_state";
import { t } from "./text";

export function Question({ order, state }: { order: CounterOrder; state: CounterState }) {
  const { proposal } = order;
  if (order.status !== "picking") return null;
  const sending = state.outbox.of(order.id).some((deed) => deed.kind === "short");
  if (sending) {
    return (
      <p class="ct-question" role="status" data-testid="question" data-state="sending">
        <Icon name="chat" size={18} />
        {t("asking")}
      </p>
    );
  }
  if (!proposal || proposal.status === "withdrawn") return null;
  const open = proposal.status === "open";
  const left = (Date.parse(proposal.until) - now.value) / 1000;
  return (
    <div class="ct-question" role="status" data-testid="question" data-state={proposal.status}>
      <Icon name={open ? "clock" : proposal.status === "accepted" ? "check-circle" : "info"} size={18} />
      <div class="grow">
        <b>
          {t(`question_${proposal.status}`)} {open && left > 0 && <span class="num">{duration(left)}</span>}
        </b>
        {proposal.lines.map((line) => (
          <p key={line.product_id} class="small">
            {t("missing_line", { n: line.missing, name: line.name })}
            {line.replacement && ` → ${line.replacement.quantity} × ${line.replacement.name}`}
          </p>
        ))}
      </div>
      {open && (
        <Button size="s" onClick={() => state.withdraw(order)} data-testid="question-withdraw">
          {t("found_it")}
        </Button>
      )}
    </div>
  );
}
