/** What the courier shows at the counter; and what to do when the counter's word cannot reach this phone. */

import { socket } from "../../core/socket";
import { Button } from "../../design/button";
import { Badge } from "../../design/labels";
import type { CourierDay } from "./courier_state";
import type { ShownJob } from "./deeds";
import { t } from "./text";

export function HandOverCode({ job, day }: { job: ShownJob; day: CourierDay }) {
  const here = job.status === "at_store";
  const away = socket.state.value === "offline" || socket.state.value === "waiting";
  return (
    <div class="co-code" data-here={here ? "yes" : "no"}>
      <div>
        <p class="co-code__label">{t("hand_over_code")}</p>
        <p class="co-code__digits num" data-testid="courier-hand-over-code">
          {job.hand_over_code}
        </p>
      </div>
      <Badge tone={job.ready ? "good" : "warn"} icon={job.ready ? "check" : "clock"}>
        {job.ready ? t("ready") : t("not_ready")}
      </Badge>
      {here && <p class="co-code__text">{t("hand_over_text")}</p>}
      {here && away && (
        <Button class="co-code__taken" icon="bag" onClick={() => day.takeBag(job)} data-testid="courier-take-bag">
          {t("take_bag")}
        </Button>
      )}
    </div>
  );
}
