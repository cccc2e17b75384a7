/** The brand's own systems that are told of orders: admins add, try, switch and remove them. */

import { useEffect, useState } from "preact/hooks";
import { del, get, post, put } from "../../core/api";
import { when } from "../../core/i18n";
import { problemText } from "../../core/problems";
import type { Webhook } from "../../core/types_console";
import { Button, IconButton } from "../../design/button";
import { Confirm, Dialog } from "../../design/dialog";
import { Badge } from "../../design/labels";
import { EmptyState, ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { toast } from "../../design/toast";
import { Switch } from "../../design/toggles";
import { NewWebhook } from "./webhook_form";
import { WebhookMessages } from "./webhook_messages";
import { w } from "./webhooks_text";

const PATH = "/api/webhooks";

export function Webhooks() {
  const [items, setItems] = useState<Webhook[] | null>(null);
  const [events, setEvents] = useState<string[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const load = () => {
    setError(null);
    get<{ items: Webhook[]; events: string[] }>(PATH).then((found) => {
      setItems(found.items);
      setEvents(found.events);
    }, setError);
  };
  useEffect(load, []);
  const change = (next: Webhook) => setItems((old) => old && old.map((one) => (one.id === next.id ? next : one)));

  return (
    <div class="cs-rules">
      <section class="cs-list" aria-label={w("webhooks")}>
        <header class="cs-shows__head">
          <h1>{w("webhooks")}</h1>
        </header>
        <p class="muted">{w("intro")}</p>
        {error !== null && <ErrorState error={error} onRetry={load} />}
        {items === null && error === null && [1, 2].map((row) => <Skeleton key={row} height="84px" />)}
        {items?.length === 0 && <EmptyState icon="globe" title={w("none")} />}
        {items !== null && items.length > 0 && (
          <ul class="cs-rows">
            {items.map((one) => (
              <Row
                key={one.id}
                webhook={one}
                onChange={change}
                onSecret={setSecret}
                onSeen={load}
                onRemoved={() => setItems((old) => old && old.filter((other) => other.id !== one.id))}
              />
            ))}
          </ul>
        )}
      </section>
      <NewWebhook
        events={events}
        onAdded={(made) => {
          setItems((old) => [...(old ?? []), made]);
          setSecret(made.secret);
        }}
      />
      <SecretDialog secret={secret} onClose={() => setSecret(null)} />
    </div>
  );
}

interface RowProps {
  webhook: Webhook;
  onChange: (next: Webhook) => void;
  onSecret: (secret: string | null) => void;
  /** Its messages were looked at: how it is doing may have changed. */
  onSeen: () => void;
  onRemoved: () => void;
}

function Row({ webhook, onChange, onSecret, onSeen, onRemoved }: RowProps) {
  const [asking, setAsking] = useState<"remove" | "secret" | null>(null);
  const [shown, setShown] = useState(false);
  const path = `${PATH}/${webhook.id}`;
  const { id, url, note, events } = webhook;
  const attempt = async (work: () => Promise<void>) => {
    setAsking(null);
    try {
      await work();
    } catch (failure) {
      toast(problemText(failure), "bad");
    }
  };
  const turn = (on: boolean) =>
    attempt(async () => {
      onChange(await put<Webhook>(path, { url, note, events, on }));
      toast(w(on ? "turned_on" : "turned_off"), "good");
    });
  const test = () =>
    attempt(async () => {
      await post(`${path}/test`);
      setShown(true);
    });
  const remove = () =>
    attempt(async () => {
      await del(path);
      onRemoved();
      toast(w("removed"), "good");
    });
  const renew = () => attempt(async () => onSecret((await post<Webhook>(`${path}/secret`)).secret));

  return (
    <li class="cs-row cs-hook" data-testid={`webhook-${id}`}>
      <div class="cs-row__main">
        <p class="cs-hook__url">
          <code>{url}</code>
        </p>
        <p class="cs-row__facts">
          {note && <span>{note}</span>}
          <span title={events.join(", ")}>{events.length === 0 ? w("all_events") : w("n_events", { n: events.length })}</span>
          {webhook.off !== null && <Badge tone="bad">{w(`off_${webhook.off}`)}</Badge>}
          {webhook.off === null && webhook.failing_since !== null && (
            <Badge tone="warn">{w("failing", { time: when(webhook.failing_since) })}</Badge>
          )}
        </p>
      </div>
      <div class="cs-row__actions cs-hook__actions">
        <Switch label={w("on")} checked={webhook.off === null} onChange={(on) => void turn(on)} data-testid="webhook-on" />
        <Button size="s" onClick={() => setShown(true)} data-testid="webhook-messages">
          {w("messages")}
        </Button>
        <Button size="s" onClick={() => void test()} data-testid="webhook-test">
          {w("test")}
        </Button>
        <Button size="s" onClick={() => setAsking("secret")} data-testid="webhook-secret">
          {w("new_secret")}
        </Button>
        <IconButton icon="trash" size={20} label={w("remove")} onClick={() => setAsking("remove")} data-testid="webhook-remove" />
      </div>
      <WebhookMessages
        webhook={webhook}
        open={shown}
        onClose={() => {
          setShown(false);
          onSeen();
        }}
      />
      <Confirm
        open={asking !== null}
        title={asking === "secret" ? w("new_secret_q") : w("remove_q")}
        text={asking === "secret" ? w("new_secret_text") : w("remove_text")}
        confirmLabel={asking === "secret" ? w("new_secret") : w("remove")}
        cancelLabel={w("cancel")}
        danger={asking === "remove"}
        onConfirm={() => void (asking === "secret" ? renew() : remove())}
        onClose={() => setAsking(null)}
      />
    </li>
  );
}

function SecretDialog({ secret, onClose }: { secret: string | null; onClose: () => void }) {
  const copy = () =>
    navigator.clipboard.writeText(secret ?? "").then(
      () => toast(w("copied"), "good"),
      (failure: unknown) => toast(problemText(failure), "bad"),
    );
  return (
    <Dialog
      open={secret !== null}
      title={w("secret")}
      onClose={onClose}
      firm
      data-testid="webhook-secret-dialog"
      actions={
        <>
          <Button onClick={() => void copy()}>{w("copy")}</Button>
          <Button variant="primary" onClick={onClose} data-testid="webhook-secret-kept">
            {w("done")}
          </Button>
        </>
      }
    >
      <p>{w("secret_text")}</p>
      <p class="cs-hook__url">
        <code data-testid="webhook-secret-text">{secret}</code>
      </p>
    </Dialog>
  );
}
