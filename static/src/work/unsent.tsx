/** How much of what was done here still waits for the network; and what could not be done after all, and why. */

import { ApiProblem } from "../core/api";
import { problemText } from "../core/problems";
import { Button, IconButton } from "../design/button";
import { Icon } from "../design/icons";
import type { Outbox, Refusal } from "./outbox";
import { t } from "./text";

interface UnsentProps<K extends string> {
  outbox: Outbox<K>;
  /** What was not done, in words. */
  deed: (kind: K) => string;
  /** More about a refusal, after the reason. */
  more?: (refusal: Refusal<K>) => string;
  /** Deeds that are not worth a word before this age, ms: with a network they are gone by then. */
  grace?: number;
}

export function Unsent<K extends string>({ outbox, deed, more, grace = 0 }: UnsentProps<K>) {
  const { refusals } = outbox;
  const waiting = outbox.slow(grace).length;
  return (
    <div class="w-unsent" role="status" aria-live="polite">
      {waiting > 0 && (
        <p class="w-unsent__count" data-testid="unsent">
          <Icon name="refresh" size={18} />
          <span class="grow">{t("unsent", { n: waiting })}</span>
          <Button size="s" onClick={() => outbox.hurry()}>
            {t("send_now")}
          </Button>
        </p>
      )}
      {refusals.value.map((refusal) => (
        <div key={refusal.deed.id} class="w-unsent__refusal" data-testid="refusal">
          <Icon name="alert" size={20} />
          <p class="grow">
            <b>
              {refusal.deed.label} · {deed(refusal.deed.kind)}
            </b>
            <span>
              {problemText(new ApiProblem(refusal.code, 0))}
              {more?.(refusal)}
              {refusal.dropped > 0 && ` ${t("dropped", { n: refusal.dropped })}`}
            </span>
          </p>
          <IconButton icon="close" label={t("dismiss")} onClick={() => outbox.dismiss(refusal)} data-testid="refusal-dismiss" />
        </div>
      ))}
    </div>
  );
}
