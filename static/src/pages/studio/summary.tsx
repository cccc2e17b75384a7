/** How a show went, once it has ended. */

import { useState } from "preact/hooks";
import { compact, duration, money, number } from "../../core/i18n";
import type { Show } from "../../core/types";
import { Button } from "../../design/button";
import { Icon } from "../../design/icons";
import type { Tally } from "./room_state";
import { ShareSheet } from "./share";
import { t } from "./text";

export function Summary({ show, tally, onDone }: { show: Show; tally: Tally | null; onDone: () => void }) {
  const seconds =
    show.started_at && show.ended_at ? (Date.parse(show.ended_at) - Date.parse(show.started_at)) / 1000 : 0;
  const cut = show.end_reason === "cut";
  const [sharing, setSharing] = useState(false);
  const facts: { name: string; value: string }[] = [{ name: t("duration"), value: duration(seconds) }];
  if (tally) {
    facts.push(
      { name: t("peak"), value: compact(tally.peak) },
      { name: t("orders"), value: number(tally.orders) },
      { name: t("sold"), value: number(tally.pieces) },
      { name: t("amount"), value: money(tally.amount) },
    );
  }
  facts.push({ name: t("hearts"), value: compact(show.hearts) });
  return (
    <>
      <main class="st-summary" data-testid="show-summary" data-reason={show.end_reason ?? ""}>
        <span class="st-summary__icon" data-cut={cut ? "yes" : "no"}>
          <Icon name={cut ? "shield" : "check-circle"} size={36} />
        </span>
        <h1>{cut ? t("summary_cut") : t("summary")}</h1>
        <p class="muted">
          {cut ? t("summary_cut_text") : show.end_reason === "timed_out" ? t("summary_timed_out") : show.title}
        </p>
        <dl class="st-summary__facts">
          {facts.map((fact) => (
            <div key={fact.name}>
              <dt>{fact.name}</dt>
              <dd class="num">{fact.value}</dd>
            </div>
          ))}
        </dl>
        {!cut && show.cards.length > 0 && (
          <>
            <p class="muted small">{t("summary_share_text")}</p>
            <Button size="l" wide icon="share" onClick={() => setSharing(true)} data-testid="share-show">
              {t("watch_link")}
            </Button>
          </>
        )}
        <Button variant="primary" size="l" wide onClick={onDone} data-testid="summary-done">
          {t("done")}
        </Button>
      </main>
      <ShareSheet show={show} open={sharing} onClose={() => setSharing(false)} />
    </>
  );
}
