/** A show's chat with what an operator can do to each message, by mouse, touch or keys (D, M, B). */

import { useEffect, useRef, useState } from "preact/hooks";
import { del } from "../../core/api";
import { clockSeconds } from "../../core/i18n";
import { socket } from "../../core/socket";
import type { ChatMessage, Show } from "../../core/types";
import { Button } from "../../design/button";
import { cx } from "../../design/class_names";
import { toast } from "../../design/toast";
import { ReasonDialog } from "./reason_dialog";
import { SanctionDialog, type SanctionTarget } from "./sanction_dialog";
import { t } from "./text";

const KEPT = 300;
/** Nearer to the end than this (px), the list follows new messages. */
const NEAR_END = 80;

export function ChatStream({ showId, associateId }: { showId: string; associateId: string }) {
  const [messages, setMessages] = useState<ChatMessage[]>([]);
  const [chosen, setChosen] = useState<string | null>(null);
  const [doomed, setDoomed] = useState<ChatMessage | null>(null);
  const [target, setTarget] = useState<SanctionTarget | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const atEnd = useRef(true);

  useEffect(
    () =>
      socket.subscribe<{ show: Show; chat: ChatMessage[] }>(`show:${showId}`, {
        snapshot: ({ chat }) => setMessages([...chat].sort((a, b) => a.at.localeCompare(b.at))),
        event: (kind, data) => {
          if (kind === "chat") {
            const message = data as ChatMessage;
            setMessages((old) => [...old.filter((one) => one.id !== message.id), message].slice(-KEPT));
          }
          if (kind === "chat_deleted") {
            const { id } = data as { id: string };
            setMessages((old) => old.filter((one) => one.id !== id));
          }
        },
      }),
    [showId],
  );
  useEffect(() => {
    const element = list.current;
    if (element && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [messages]);

  useEffect(() => {
    // What can be done opens under the message: not below the edge.
    list.current?.querySelector(".cs-message--chosen")?.scrollIntoView({ block: "nearest" });
  }, [chosen]);

  const remove = async (reason: string) => {
    if (!doomed) return;
    await del(`/api/shows/${showId}/chat/${doomed.id}`, { reason });
    setMessages((old) => old.filter((one) => one.id !== doomed.id));
    setDoomed(null);
    toast(t("deleted"), "good");
  };
  const sanction = (kind: "mute" | "ban", message: ChatMessage) =>
    setTarget({ kind, userId: message.author.id, name: message.author.name, showId, excerpt: message.text });

  const onKey = (event: KeyboardEvent, message: ChatMessage) => {
    const row = event.currentTarget as HTMLElement;
    const neighbour = event.key === "ArrowUp" ? row.previousElementSibling : event.key === "ArrowDown" ? row.nextElementSibling : null;
    if (neighbour instanceof HTMLElement) {
      event.preventDefault();
      neighbour.focus();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "d") setDoomed(message);
    if (key === "m") sanction("mute", message);
    if (key === "b") sanction("ban", message);
  };

  return (
    <section class="cs-chat" aria-label={t("chat")}>
      <header class="cs-chat__head">
        <h3>{t("chat")}</h3>
        <span class="cs-chat__keys muted small">{t("keys")}</span>
      </header>
      <ol
        ref={list}
        class="cs-chat__list"
        data-testid="console-chat"
        onScroll={(event) => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
          atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END;
        }}
      >
        {messages.length === 0 && <li class="muted cs-chat__none">{t("chat_none")}</li>}
        {messages.map((message) => {
          const host = message.author.id === associateId;
          return (
            <li
              key={message.id}
              class={cx("cs-message", chosen === message.id && "cs-message--chosen")}
              tabIndex={0}
              onFocus={() => setChosen(message.id)}
              onKeyDown={(event) => event.target === event.currentTarget && onKey(event, message)}
              onClick={() => setChosen(message.id)}
              data-testid={`message-${message.id}`}
            >
              <p class="cs-message__text">
                <time class="num">{clockSeconds(message.at)}</time> <b>{message.author.name}</b>
                {host && <span class="cs-message__host">{t("host")}</span>} {message.text}
              </p>
              <div class="cs-message__tools" role="group" aria-label={t("message_menu", { name: message.author.name })}>
                <Button size="s" variant="quiet" onClick={() => setDoomed(message)} data-testid="message-delete">
                  {t("delete")}
                </Button>
                {!host && (
                  <>
                    <Button size="s" variant="quiet" onClick={() => sanction("mute", message)} data-testid="message-mute">
                      {t("mute")}
                    </Button>
                    <Button size="s" variant="quiet" onClick={() => sanction("ban", message)} data-testid="message-ban">
                      {t("ban")}
                    </Button>
                  </>
                )}
              </div>
            </li>
          );
        })}
      </ol>
      <ReasonDialog
        open={doomed !== null}
        title={t("delete")}
        text={doomed ? `${doomed.author.name}: ${doomed.text}` : ""}
        label={t("reason")}
        hint={t("reason_required")}
        initial={t("r_abuse")}
        confirmLabel={t("delete")}
        danger
        testid="delete-reason"
        onConfirm={remove}
        onClose={() => setDoomed(null)}
      />
      <SanctionDialog target={target} onClose={() => setTarget(null)} />
    </section>
  );
}
