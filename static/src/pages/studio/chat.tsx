/** The show's chat for its host: reading, answering, deleting. */

import { useEffect, useRef, useState } from "preact/hooks";
import { ApiProblem, del } from "../../core/api";
import { problemText } from "../../core/problems";
import { socket } from "../../core/socket";
import type { ChatMessage } from "../../core/types";
import { IconButton } from "../../design/button";
import { cx } from "../../design/class_names";
import { Confirm } from "../../design/dialog";
import { toast } from "../../design/toast";
import type { RoomState } from "./room_state";
import { t } from "./text";

/** Nearer to the end than this (px), the list follows new messages. */
const NEAR_END = 80;

export function ChatList({ room, overlay }: { room: RoomState; overlay?: boolean }) {
  const list = useRef<HTMLOListElement>(null);
  const atEnd = useRef(true);
  const [doomed, setDoomed] = useState<ChatMessage | null>(null);
  const [picked, setPicked] = useState<string | null>(null);
  const messages = room.chat.value;
  useEffect(() => {
    const element = list.current;
    if (element && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [messages]);

  const remove = async (message: ChatMessage) => {
    setDoomed(null);
    try {
      await del(`/api/shows/${room.show.value.id}/chat/${message.id}`, { reason: "host" });
      room.chat.value = room.chat.value.filter((one) => one.id !== message.id);
    } catch (error) {
      if (error instanceof ApiProblem && error.code === "not_found") return;
      toast(problemText(error), "bad");
    }
  };

  return (
    <>
      <ol
        ref={list}
        class={cx("st-chat", overlay && "st-chat--overlay")}
        aria-label={t("chat")}
        data-testid="chat"
        onScroll={(event) => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
          atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END;
        }}
      >
        {messages.length === 0 && <li class="st-chat__empty">{t("chat_empty")}</li>}
        {messages.map((message) => {
          const host = message.author.role === "host" || message.author.id === room.show.value.associate.id;
          return (
            <li key={message.id} class={cx("st-message", host && "st-message--host")} data-testid={`message-${message.id}`}>
              <button
                type="button"
                class="st-message__text"
                aria-expanded={picked === message.id ? "true" : "false"}
                onClick={() => setPicked(picked === message.id ? null : message.id)}
              >
                <b>
                  {message.author.name}
                  {host && <span class="st-message__host">{t("host")}</span>}
                </b>
                {message.text}
              </button>
              {(picked === message.id || !overlay) && (
                <IconButton
                  icon="trash"
                  size={18}
                  label={t("delete_message")}
                  onClick={() => setDoomed(message)}
                  data-testid="message-delete"
                />
              )}
            </li>
          );
        })}
      </ol>
      <Confirm
        open={doomed !== null}
        title={t("delete_message_q")}
        text={doomed?.text}
        confirmLabel={t("delete")}
        cancelLabel={t("cancel")}
        danger
        onConfirm={() => doomed && void remove(doomed)}
        onClose={() => setDoomed(null)}
      />
    </>
  );
}

export function ChatBox({ room, disabled }: { room: RoomState; disabled?: boolean }) {
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const send = async (event: Event) => {
    event.preventDefault();
    const wanted = text.trim();
    if (wanted === "" || busy) return;
    setBusy(true);
    try {
      const answer = await socket.request({ type: "chat", show: room.show.value.id, text: wanted });
      setText("");
      if (answer["state"] === "held") toast(t("held"));
    } catch (error) {
      toast(problemText(error), "bad");
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="st-say" onSubmit={(event) => void send(event)}>
      <input
        type="text"
        class="st-say__input"
        placeholder={t("say")}
        aria-label={t("say")}
        maxLength={300}
        value={text}
        disabled={disabled}
        enterkeyhint="send"
        onInput={(event) => setText(event.currentTarget.value)}
        data-testid="chat-input"
      />
      {text.trim() !== "" && (
        <IconButton icon="send" size={20} variant="plain" type="submit" label={t("send")} disabled={busy} data-testid="chat-send" />
      )}
    </form>
  );
}
