/** When it will be there: what holds now, what was promised first, and every change between, with its reason. */

import type { Tracking } from "../core/types";
import { clock } from "../core/i18n";
import { Banner } from "../design/notices";
import { changeText, firstText, guessText, promiseText, slipText } from "./sentences";
import { t } from "./text";

/** The line under the status. */
export function PromiseLine({ tracking }: { tracking: Tracking }) {
  const { promise } = tracking;
  const guess = guessText(tracking);
  return (
    <div class="promise" data-testid="promise" data-late={promise.late_s}>
      <p class="promise__now num">{promiseText(promise)}</p>
      {promise.changes.length > 0 && <p class="promise__first num muted">{firstText(promise)}</p>}
      {guess && <p class="promise__guess num muted">{guess}</p>}
    </div>
  );
}

/** Said as soon as it is known that the window cannot be kept, and kept there. */
export function Slip({ tracking }: { tracking: Tracking }) {
  const slip = slipText(tracking.promise);
  if (!slip) return null;
  return (
    <Banner tone={slip.late ? "warn" : "good"} icon="clock" title={slip.title} data-testid="slip">
      <span>{slip.why}</span>
      <History tracking={tracking} />
    </Banner>
  );
}

function History({ tracking }: { tracking: Tracking }) {
  const { changes } = tracking.promise;
  if (changes.length < 2) return null;
  return (
    <details class="promise__history" data-testid="promise-history">
      <summary>{t("changes", { n: changes.length })}</summary>
      <ol>
        <li class="num">{firstText(tracking.promise)}</li>
        {changes.map((change) => (
          <li key={change.at}>
            <time class="num" dateTime={change.at}>
              {clock(change.at)}
            </time>
            <span>
              <span class="num">{changeText(change)}</span> · {t(change.reason)}
            </span>
          </li>
        ))}
      </ol>
    </details>
  );
}

/** After the delivery: when it was, beside what was promised. */
export function Kept({ tracking }: { tracking: Tracking }) {
  const done = tracking.steps.find(({ status }) => status === "delivered");
  if (!done) return null;
  const { first_starts_at, first_ends_at } = tracking.promise;
  return (
    <div class="promise" data-testid="kept">
      <p class="promise__now num">{t("delivered_at", { time: clock(done.at) })}</p>
      <p class="promise__first num muted">{t("delivered_promised", { from: clock(first_starts_at), to: clock(first_ends_at) })}</p>
    </div>
  );
}
