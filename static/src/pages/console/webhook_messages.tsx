/** What was sent to a webhook and what became of it; the dead can be sent again. */

import { useState } from "preact/hooks";
import { post } from "../../core/api";
import { when } from "../../core/i18n";
import { problemText } from "../../core/problems";
import type { Webhook, WebhookMessage } from "../../core/types_console";
import { Button } from "../../design/button";
import { Badge } from "../../design/labels";
import { Sheet } from "../../design/sheet";
import { toast } from "../../design/toast";
import { Choice } from "../../design/toggles";
import { ListFrame } from "./list_frame";
import { usePaged, type Paged } from "./paged";
import { w } from "./webhooks_text";

const STATES = ["all", "waiting", "delivered", "dead"] as const;
const TONES = { waiting: "warn", delivered: "good", dead: "bad" } as const;

export function WebhookMessages({ webhook, open, onClose }: { webhook: Webhook; open: boolean; onClose: () => void }) {
  return (
    <Sheet open={open} title={w("messages")} onClose={onClose} data-testid="webhook-messages-sheet">
      {open && <Messages webhook={webhook} />}
    </Sheet>
  );
}

function Messages({ webhook }: { webhook: Webhook }) {
  const [state, setState] = useState<(typeof STATES)[number]>("all");
  const path = `/api/webhooks/${webhook.id}`;
  const list = usePaged<WebhookMessage>(`${path}/messages`, state === "all" ? {} : { state });
  const all = async () => {
    try {
      const { count } = await post<{ count: number }>(`${path}/again`);
      toast(w("again_count", { n: count }), "good");
      list.reload();
    } catch (failure) {
      toast(problemText(failure), "bad");
    }
  };
  return (
    <div class="stack">
      <Choice
        label={w("messages")}
        value={state}
        options={STATES.map((value) => ({ value, label: w(`state_${value}`) }))}
        onChange={setState}
      />
      {state === "dead" && (list.items?.length ?? 0) > 0 && (
        <Button onClick={() => void all()} data-testid="webhook-again-all">
          {w("again_all")}
        </Button>
      )}
      <ListFrame title="" list={list} emptyIcon="list" empty={w("none_messages")}>
        {(items) => (
          <ul class="cs-rows">
            {items.map((one) => (
              <Message key={one.id} path={path} message={one} list={list} />
            ))}
          </ul>
        )}
      </ListFrame>
    </div>
  );
}

function Message({ path, message, list }: { path: string; message: WebhookMessage; list: Paged<WebhookMessage> }) {
  const again = async () => {
    try {
      const next = await post<WebhookMessage>(`${path}/messages/${encodeURIComponent(message.id)}/again`);
      list.change((old) => old.map((one) => (one.id === next.id ? next : one)));
      toast(w("again_done"), "good");
    } catch (failure) {
      toast(problemText(failure), "bad");
    }
  };
  return (
    <li class="cs-row cs-hook" data-testid={`message-${message.state}`}>
      <div class="cs-row__main">
        <p class="cs-rule">
          <code>{message.type}</code>
          <Badge tone={TONES[message.state]}>{w(`state_${message.state}`)}</Badge>
        </p>
        <p class="cs-row__facts">
          <span>{when(message.created_at)}</span>
          {message.next_try_at && message.attempts.length > 0 && <span>{w("next_try", { time: when(message.next_try_at) })}</span>}
        </p>
        {message.attempts.length > 0 && (
          <details>
            <summary>{w("attempts", { n: message.attempts.length })}</summary>
            <ul class="cs-hook__tries small">
              {message.attempts.map((one) => (
                <li key={one.at}>
                  {when(one.at)} · {one.status ?? w("no_answer", { why: one.error })} · {one.milliseconds} ms
                </li>
              ))}
            </ul>
          </details>
        )}
        <details>
          <summary>{w("body")}</summary>
          <pre class="cs-hook__body small">{message.body}</pre>
        </details>
      </div>
      {message.state !== "waiting" && (
        <div class="cs-row__actions">
          <Button size="s" onClick={() => void again()} data-testid="webhook-again">
            {w("again")}
          </Button>
        </div>
      )}
    </li>
  );
}
