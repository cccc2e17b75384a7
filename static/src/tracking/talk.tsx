/** What buyer and courier write to each other, without either number. */

import { useEffect, useRef, useState } from "preact/hooks";

import { clock } from "../core/i18n";
import type { Tracking } from "../core/types";
import { IconButton } from "../design/button";
import { TextInput } from "../design/fields";
import { ProblemNote } from "../design/notices";
import { Sheet } from "../design/sheet";
import { phrase, phrasesFor, wordsOf } from "./phrases";
import { load, say, seen, talkOf, type Unsent } from "./talks";
import { t } from "./text";

const LONGEST = 300;

interface TalkProps {
  orderId: string;
  tracking: Tracking;
}

export function TalkSheet({ open, onClose, ...of }: TalkProps & { open: boolean; onClose: () => void }) {
  const name = of.tracking.courier?.name ?? t("talk_courier");
  return (
    <Sheet open={open} title={t("talk_title", { name })} onClose={onClose} wide="middle" data-testid="talk-sheet">
      {open && <Talk {...of} />}
    </Sheet>
  );
}

function Talk({ orderId, tracking }: TalkProps) {
  const [text, setText] = useState("");
  const [error, setError] = useState<unknown>(null);
  const end = useRef<HTMLSpanElement>(null);
  const { said, unsent, lost, loaded } = talkOf(orderId);
  const open = tracking.contact?.open ?? false;
  const count = said.length + unsent.length;
  useEffect(() => void load(orderId), [orderId, tracking.courier?.name]);
  useEffect(() => {
    end.current?.scrollIntoView({ block: "nearest" });
    seen(orderId);
  }, [count]);
  const send = (words: string, quick: Unsent["quick"], key?: string) => {
    setError(null);
    void say(orderId, words, quick, key).catch(setError);
  };
  return (
    <section class="talk">
      <p class="muted small">{open ? t("talk_note") : t("talk_closed")}</p>
      {lost && !loaded && <p class="small">{t("talk_lost")}</p>}
      {!lost && count === 0 && loaded && <p class="muted talk__none">{t("talk_none")}</p>}
      <div class="talk__log" role="log" tabIndex={0} aria-label={t("talk_title", { name: tracking.courier?.name ?? t("talk_courier") })} data-testid="talk">
        {said.map((one) => (
          <p key={one.id} class={one.author === "buyer" ? "talk__one talk__one--mine" : "talk__one"}>
            <span class="sr-only">{one.author === "buyer" ? t("talk_you") : (one.name ?? t("talk_courier"))}: </span>
            {wordsOf(one)}
            <time class="num" dateTime={one.at}>
              {clock(one.at)}
            </time>
          </p>
        ))}
        {unsent.map((one) => (
          <p key={one.key} class="talk__one talk__one--mine talk__one--unsent">
            {wordsOf(one)}
            {one.failed ? (
              <button type="button" class="talk__again" onClick={() => send(one.text, one.quick, one.key)}>
                {t("talk_unsent")} · {t("talk_again")}
              </button>
            ) : (
              <small>{t("talk_sending")}</small>
            )}
          </p>
        ))}
        <span ref={end} aria-hidden="true" />
      </div>
      <ProblemNote error={error} />
      {open && (
        <>
          <div class="talk__quick" role="group" aria-label={t("talk_quick")}>
            {phrasesFor(tracking.status).map((quick) => (
              <button key={quick} type="button" onClick={() => send("", quick)} data-testid={`quick-${quick}`}>
                {phrase(quick)}
              </button>
            ))}
          </div>
          <form
            class="talk__write"
            onSubmit={(event) => {
              event.preventDefault();
              if (text.trim() === "") return;
              send(text.trim(), null);
              setText("");
            }}
          >
            <TextInput
              label={t("talk_write")}
              labelHidden
              placeholder={t("talk_write")}
              value={text}
              onValue={setText}
              maxLength={LONGEST}
              enterkeyhint="send"
              data-testid="talk-text"
            />
            <IconButton icon="send" label={t("talk_send")} variant="primary" type="submit" disabled={text.trim() === ""} data-testid="talk-send" />
          </form>
        </>
      )}
    </section>
  );
}
