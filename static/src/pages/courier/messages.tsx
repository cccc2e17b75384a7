/** What courier and buyer write to each other, without either number. */

import { useEffect, useRef, useState } from "preact/hooks";
import { clock } from "../../core/i18n";
import { ButtonLink, IconButton } from "../../design/button";
import { TextInput } from "../../design/fields";
import { Sheet } from "../../design/sheet";
import { phrase, wordsOf } from "../../tracking/phrases";
import type { CourierDay } from "./courier_state";
import type { ShownJob } from "./deeds";
import { phrasesFor } from "./phrases";
import { t } from "./text";

const LONGEST = 200;

interface MessagesProps {
  job: ShownJob;
  day: CourierDay;
}

export function Messages({ job, day }: MessagesProps) {
  const [text, setText] = useState("");
  const end = useRef<HTMLLIElement>(null);
  const { said, lost, call } = day.talks.of(job.id);
  const unsent = day.outbox.of(job.id).filter((deed) => deed.kind === "message");
  const count = said.length + unsent.length;
  useEffect(() => void day.talks.load(job.id), [job.id]);
  useEffect(() => end.current?.scrollIntoView({ block: "nearest" }), [count]);
  const send = (words: string) => {
    if (words.trim() === "") return;
    day.message(job, { text: words.trim() });
    setText("");
  };
  return (
    <section class="co-talk" aria-label={t("messages_with")}>
      {lost && <p class="muted small">{t("messages_lost")}</p>}
      {!lost && count === 0 && <p class="muted small">{t("messages_none")}</p>}
      <div class="co-talk__log" role="log" data-testid="talk">
        <ol class="co-talk__said">
          {said.map((one) => (
            <li key={one.id} data-mine={one.author === "courier" ? "yes" : "no"}>
              <span>{wordsOf(one)}</span>
              <time class="num" dateTime={one.at}>
                {clock(one.at)}
              </time>
            </li>
          ))}
          {unsent.map((deed) => (
            <li key={deed.id} data-mine="yes" data-unsent="yes">
              <span>{wordsOf({ text: "", quick: null, ...(deed.body as object) })}</span>
              <small>{t("message_unsent")}</small>
            </li>
          ))}
          <li ref={end} aria-hidden="true" class="co-talk__end" />
        </ol>
      </div>
      <div class="co-talk__quick" role="group" aria-label={t("quick")}>
        {phrasesFor(job).map((quick) => (
          <button key={quick} type="button" onClick={() => day.message(job, { quick })}>
            {phrase(quick)}
          </button>
        ))}
      </div>
      {call !== null && (
        <ButtonLink href={call} icon="phone" wide data-testid="talk-call">
          {t("call")}
        </ButtonLink>
      )}
      <form
        class="co-talk__write"
        onSubmit={(event) => {
          event.preventDefault();
          send(text);
        }}
      >
        <TextInput
          label={t("message_write")}
          labelHidden
          placeholder={t("message_write")}
          value={text}
          onValue={setText}
          maxLength={LONGEST}
          enterkeyhint="send"
          data-testid="talk-text"
        />
        <IconButton icon="send" label={t("message_send")} variant="primary" type="submit" disabled={text.trim() === ""} data-testid="talk-send" />
      </form>
    </section>
  );
}

export function MessagesSheet({ open, onClose, ...of }: MessagesProps & { open: boolean; onClose: () => void }) {
  return (
    <Sheet open={open} title={t("messages_with")} closeLabel={t("close")} onClose={onClose} wide="middle" data-testid="messages">
      <Messages {...of} />
    </Sheet>
  );
}
