/** The buyer's side of the messages about an order. */

import { useEffect, useState } from "preact/hooks";

import type { Tracking } from "../core/types";
import { Sheet } from "../design/sheet";
import { phrasesFor, wordsOf } from "./phrases";
import { Talk } from "./talk";
import { load, say, seen, talkOf, type Unsent } from "./talks";
import { t } from "./text";

interface BuyerTalkProps {
  orderId: string;
  tracking: Tracking;
}

export function TalkSheet({ open, onClose, ...of }: BuyerTalkProps & { open: boolean; onClose: () => void }) {
  const name = of.tracking.courier?.name ?? t("talk_courier");
  return (
    <Sheet open={open} title={t("talk_title", { name })} onClose={onClose} wide="middle" data-testid="talk-sheet">
      {open && <BuyerTalk {...of} />}
    </Sheet>
  );
}

function BuyerTalk({ orderId, tracking }: BuyerTalkProps) {
  const [error, setError] = useState<unknown>(null);
  const { said, unsent, lost, loaded } = talkOf(orderId);
  const count = said.length + unsent.length;
  useEffect(() => void load(orderId), [orderId, tracking.courier?.name]);
  useEffect(() => seen(orderId), [count]);
  const send = (words: string, quick: Unsent["quick"], key?: string) => {
    setError(null);
    void say(orderId, words, quick, key).catch(setError);
  };
  return (
    <Talk
      mine="buyer"
      other={tracking.courier?.name ?? t("talk_courier")}
      said={said}
      pending={unsent.map((one) => ({
        key: one.key,
        words: wordsOf(one),
        note: one.failed ? t("talk_unsent") : t("talk_sending"),
        again: one.failed ? () => send(one.text, one.quick, one.key) : null,
      }))}
      lost={lost && !loaded}
      asking={!loaded}
      open={tracking.contact?.open ?? false}
      call={tracking.contact?.call ?? null}
      quick={phrasesFor(tracking.status)}
      error={error}
      onText={(text) => send(text, null)}
      onQuick={(quick) => send("", quick)}
    />
  );
}
