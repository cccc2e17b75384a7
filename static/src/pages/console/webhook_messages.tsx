/** What was sent to a webhook and what became of it; the dead can be sent again. */

import { useEffect, useState } from "preact/hooks";
import { get, post } from "../../core/api";
import { when } from "../../core/i18n";
import { problemText } from "../../core/problems";
import type { Page } from "../../core/types";
import type { Webhook, WebhookMessage } from "../../core/types_console";
import { Button } from "../../design/button";
import { Badge } from "../../design/labels";
import { Banner } from "../../design/notices";
import { Sheet } from "../../design/sheet";
import { toast } from "../../design/toast";
import { Choice } from "../../design/toggles";
import { ListFrame } from "./list_frame";
import { usePaged, type Paged } from "./paged";
import { w } from "./webhooks_text";

/** While something is about to be sent, the list is looked at so often. */
const LOOK = 1500;
const SOON = 40_000;
const STATES = ["all", "waiting", "delivered", "dead"] as const;
const TONES = { waiting: "warn", delivered: "good", dead: "bad" } as const;

export function WebhookMessages({ webhook, open, onClose }: { webhook: Webhook; open: boolean; onClose: () => void }) {
  return (
    <Sheet open={open} title={w("messages")} onClose={onClose} data-testid="webhook-messages-sheet">
      {open && <Messages webhook={webhook} />}
    </Sheet>
  );
}

const isSoon = ({ state, next_try_at }: WebhookMessage) =>
  state === "waiting" && next_try_at !== null && Date.parse(next_try_at) - Date.now() < SOON;

/** The newest page as it is now, and the older ones that are shown already. */
function merged({ items, next }: Page<WebhookMessage>, old: WebhookMessage[]): WebhookMessage[] {
  const oldest = items[items.length - 1];
  return next && oldest ? [...items, ...old.filter((one) => one.created_at < oldest.created_at)] : items;
}

function Messages({ webhook }: { webhook: Webhook }) {
  const [state, setState] = useState<(typeof STATES)[number]>("all");
  const path = `/api/webhooks/${webhook.id}`;
  const query: Record<string, string> = state === "all" ? {} : { state };
  const list = usePaged<WebhookMessage>(`${path}/messages`, query);
  const soon = list.items?.some(isSoon) ?? false;
  useEffect(() => {
    if (!soon) return;
    const look = () =>
      get<Page<WebhookMessage>>(`${path}/messages`, query).then(
        (page) => list.change((old) => merged(page, old)),
        () => undefined, // The next look may do better.
      );
    const timer = setInterval(() => void look(), LOOK);
    return () => clearInterval(timer);
  }, [soon, path, state]);
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
      {webhook.off !== null && (
        <Banner tone="warn">{w("off_notice")}</Banner>
      )}
      <Choice
        label={w("messages")}
        value={state}
        options={STATES.map((value) => ({ value, label: w(`state_${value}`) }))}
        onChange={setState}
      />
      {state === "dead" && webhook.off === null && (list.items?.length ?? 0) > 0 && (
        <Button onClick={() => void all()} data-testid="webhook-again-all">
          {w("again_all")}
        </Button>
      )}
      <ListFrame list={list} emptyIcon="list" empty={w("none_messages")}>
        {(items) => (
          <ul class="cs-rows">
            {items.map((one) => (
              <Message key={one.id} path={path} message={one} list={list} on={webhook.off === null} />
            ))}
          </ul>
        )}
      </ListFrame>
    </div>
  );
}

/** The same JSON, to be read by people. */
function pretty(body: string): string {
  return JSON.stringify(JSON.parse(body), null, 2);
}

interface MessageProps {
  path: string;
  message: WebhookMessage;
  list: Paged<WebhookMessage>;
  /** Whether its webhook is. */
  on: boolean;
}

function Message({ path, message, list, on }: MessageProps) {
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
                  {when(one.at)} · {one.status === null ? w("no_answer", { why: one.error }) : w("answered", { status: one.status })} · {one.milliseconds} ms
                </li>
              ))}
            </ul>
          </details>
        )}
        <details>
          <summary>{w("body")}</summary>
          <pre class="cs-hook__body small">{pretty(message.body)}</pre>
        </details>
      </div>
      {on && (message.state !== "waiting" || message.attempts.length > 0) && (
        <div class="cs-row__actions">
          <Button size="s" onClick={() => void again()} data-testid="webhook-again">
            {w(message.state === "waiting" ? "again_now" : "again")}
          </Button>
        </div>
      )}
    </li>
  );
}
