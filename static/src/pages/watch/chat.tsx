import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { clock } from "../../core/i18n";
import { cx } from "../../design/class_names";
import { Button, IconButton } from "../../design/button";
import { Icon } from "../../design/icons";
import { serverNow } from "../../core/server_clock";
import { user } from "../../core/session";
import type { Entry } from "./chat_log";
import type { Room } from "./room";
import { t } from "./text";

/** Nearer to the end than this (px), the list follows new messages. */
const NEAR_END = 48;
const LONG_PRESS = 450;
const LONGEST = 300;

export interface ChatListProps {
  room: Room;
  onReport: (entry: Entry) => void;
}

export function ChatList({ room, onReport }: ChatListProps) {
  const list = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const seen = useRef<string | null>(null);
  const [unseen, setUnseen] = useState(0);
  const entries = room.chat.entries.value;
  const last = entries[entries.length - 1]?.id ?? null;

  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return;
    const own = entries[entries.length - 1]?.state === "pending";
    if (following.current || own) {
      element.scrollTop = element.scrollHeight;
      seen.current = last;
      setUnseen(0);
    } else {
      const at = entries.findIndex(({ id }) => id === seen.current);
      setUnseen(at < 0 ? entries.length : entries.length - 1 - at);
    }
  }, [entries]);

  function toEnd(): void {
    const element = list.current;
    following.current = true;
    seen.current = last;
    setUnseen(0);
    element?.scrollTo({ top: element.scrollHeight, behavior: "smooth" });
  }

  return (
    <div class="chat-list">
      <div
        ref={list}
        class="chat-list__scroll"
        role="log"
        aria-live="polite"
        aria-label={t("chat")}
        data-testid="chat-list"
        tabIndex={0}
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          following.current = scrollHeight - scrollTop - clientHeight < NEAR_END;
          if (!following.current || unseen === 0) return;
          seen.current = last;
          setUnseen(0);
        }}
      >
        <ol class="chat-list__items">
          {entries.map((entry) => (
            <Message key={entry.id} entry={entry} host={entry.author.id === room.show.value?.associate.id} room={room} onReport={onReport} />
          ))}
          {entries.length === 0 && <li class="chat-list__empty">{t("chat_empty")}</li>}
        </ol>
      </div>
      {unseen > 0 && (
        <button type="button" class="chat-list__new" onClick={toEnd} data-testid="chat-new">
          <Icon name="arrow-down" size={16} />
          {t("chat_new", { n: unseen })}
        </button>
      )}
    </div>
  );
}

interface MessageProps {
  entry: Entry;
  host: boolean;
  room: Room;
  onReport: (entry: Entry) => void;
}

function Message({ entry, host, room, onReport }: MessageProps) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const mine = entry.author.id === user.value?.id;
  const reportable = !mine && entry.state === "shown";
  const press = () => {
    if (reportable) timer.current = setTimeout(() => onReport(entry), LONG_PRESS);
  };
  const release = () => clearTimeout(timer.current);
  return (
    <li
      class={cx("chat-message", host && "chat-message--host", mine && "chat-message--mine", entry.state !== "shown" && `chat-message--${entry.state}`)}
      data-testid="chat-message"
      data-state={entry.state}
      data-id={entry.id}
      onPointerDown={(event) => event.pointerType === "touch" && press()}
      onPointerUp={release}
      onPointerCancel={release}
      onPointerMove={release}
      onContextMenu={(event) => reportable && event.preventDefault()}
    >
      <span class="chat-message__body">
        <span class="chat-message__name">
          {entry.author.name}
          {host && <span class="chat-message__tag">{t("host")}</span>}
        </span>{" "}
        <span class="chat-message__text">{entry.text}</span>
        {entry.state === "pending" && <span class="sr-only">{t("chat_pending")}</span>}
        {entry.state === "held" && (
          <span class="chat-message__note" data-testid="chat-held">
            <Icon name="clock" size={14} />
            <span>{t("chat_held")}</span>
          </span>
        )}
        {entry.state === "failed" && (
          <span class="chat-message__note" data-testid="chat-failed" role="alert">
            <Icon name="alert" size={14} />
            <span>
              {entry.fault ?? t("chat_failed")}{" "}
              {entry.again && (
                <button type="button" class="chat-message__again" onClick={() => void room.chat.sendAgain(entry)}>
                  {t("chat_again")}
                </button>
              )}
            </span>
          </span>
        )}
      </span>
      {reportable && (
        <IconButton icon="more" size={18} class="chat-message__menu" label={t("chat_menu", { name: entry.author.name })} onClick={() => onReport(entry)} />
      )}
    </li>
  );
}

/** Where one writes, or why one cannot. */
export function ChatForm({ room }: { room: Room }) {
  const [text, setText] = useState("");
  const show = room.show.value;
  const muted = room.mutedUntil.value;
  const open = show?.status === "live" || show?.status === "paused";
  if (!open) return <p class="chat-form chat-form--shut">{show?.status === "ended" ? t("chat_over") : t("not_planned")}</p>;
  if (muted !== null && Date.parse(muted) > serverNow()) {
    return (
      <p class="chat-form chat-form--shut" data-testid="chat-muted" role="status">
        {t("chat_muted", { time: clock(muted) })}
      </p>
    );
  }
  function submit(event: Event): void {
    event.preventDefault();
    const line = text.trim();
    if (line === "") return;
    setText("");
    void room.chat.send(line);
  }
  return (
    <form class="chat-form" onSubmit={submit}>
      <input
        class="chat-form__input"
        aria-label={t("chat_placeholder")}
        placeholder={t("chat_placeholder")}
        value={text}
        maxLength={LONGEST}
        enterkeyhint="send"
        autocomplete="off"
        onInput={(event) => setText(event.currentTarget.value)}
        data-testid="chat-input"
      />
      <Button type="submit" variant="primary" class="chat-form__send" aria-label={t("chat_send")} disabled={text.trim() === ""} data-testid="chat-send">
        <Icon name="send" size={20} />
      </Button>
    </form>
  );
}
