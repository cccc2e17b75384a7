/** What buyer and courier write to each other, as both see it: what was said, what is not sent yet, and the composer. */

import "./talk.css";

import { useEffect, useRef, useState } from "preact/hooks";

import { clock } from "../core/i18n";
import type { Message } from "../core/types";
import { ButtonLink, IconButton } from "../design/button";
import { TextInput } from "../design/fields";
import { Banner, ProblemNote } from "../design/notices";
import { phrase, wordsOf, type CourierPhrase, type Phrase } from "./phrases";
import { t } from "./text";

const LONGEST = 300;

/** Written here, and not known to have arrived. */
export interface Pending {
  key: string;
  words: string;
  /** How it stands. */
  note: string;
  /** Where it does not go by itself. */
  again: (() => void) | null;
}

export interface TalkProps<Q extends Phrase | CourierPhrase> {
  mine: Message["author"];
  /** What the other side is called. */
  other: string;
  said: readonly Message[];
  pending: readonly Pending[];
  /** What was said before could not be asked for. */
  lost: boolean;
  /** Nothing is known yet. */
  asking?: boolean;
  open: boolean;
  /** A link that connects the two; null: there is none here. */
  call: string | null;
  /** Somebody wanted to call and cannot: say so aloud. */
  noCall?: boolean;
  quick: readonly Q[];
  error?: unknown;
  onText: (text: string) => void;
  onQuick: (quick: Q) => void;
}

export function Talk<Q extends Phrase | CourierPhrase>(props: TalkProps<Q>) {
  const { mine, other, said, pending, lost, open, call } = props;
  const end = useRef<HTMLSpanElement>(null);
  const count = said.length + pending.length;
  useEffect(() => end.current?.scrollIntoView({ block: "nearest" }), [count]);
  return (
    <section class="talk">
      {props.noCall && (
        <Banner tone="info" icon="phone" title={t("no_call")} data-testid="no-call">
          {t("no_call_text")}
        </Banner>
      )}
      <p class="muted small">
        {open ? t("talk_note") : t("talk_closed")}
        {open && call === null && !props.noCall && ` ${t("talk_no_call")}`}
      </p>
      {lost && <p class="small">{t("talk_lost")}</p>}
      {!lost && !props.asking && count === 0 && <p class="muted talk__none">{t("talk_none")}</p>}
      <div class="talk__log" role="log" tabIndex={0} aria-label={t("talk_title", { name: other })} data-testid="talk">
        {said.map((one) => (
          <p key={one.id} class={one.author === mine ? "talk__one talk__one--mine" : "talk__one"}>
            <span class="sr-only">{one.author === mine ? t("talk_you") : (one.name ?? other)}: </span>
            {wordsOf(one)}
            <time class="num" dateTime={one.at}>
              {clock(one.at)}
            </time>
          </p>
        ))}
        {pending.map((one) => (
          <p key={one.key} class="talk__one talk__one--mine talk__one--unsent">
            {one.words}
            {one.again ? (
              <button type="button" class="talk__again" onClick={one.again}>
                {one.note} · {t("talk_again")}
              </button>
            ) : (
              <small>{one.note}</small>
            )}
          </p>
        ))}
        <span ref={end} aria-hidden="true" />
      </div>
      <ProblemNote error={props.error ?? null} />
      {open && <Composer {...props} />}
    </section>
  );
}

/** Ready-made phrases, the way to call, and a line to write. */
function Composer<Q extends Phrase | CourierPhrase>({ call, quick, onText, onQuick }: TalkProps<Q>) {
  const [text, setText] = useState("");
  const send = (event: Event) => {
    event.preventDefault();
    if (text.trim() === "") return;
    onText(text.trim());
    setText("");
  };
  return (
    <>
      <div class="talk__quick" role="group" aria-label={t("talk_quick")}>
        {quick.map((one) => (
          <button key={one} type="button" onClick={() => onQuick(one)} data-testid={`quick-${one}`}>
            {phrase(one)}
          </button>
        ))}
      </div>
      {call !== null && (
        <ButtonLink href={call} icon="phone" wide data-testid="talk-call">
          {t("call")}
        </ButtonLink>
      )}
      <form class="talk__write" onSubmit={send}>
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
  );
}
