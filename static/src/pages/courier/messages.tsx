/** The courier's side of the messages about a job: what is written without a network waits with the other deeds. */

import { useEffect } from "preact/hooks";
import { Sheet } from "../../design/sheet";
import { wordsOf } from "../../tracking/phrases";
import { Talk } from "../../tracking/talk";
import type { CourierDay } from "./courier_state";
import type { ShownJob } from "./deeds";
import { phrasesFor } from "./phrases";
import { t } from "./text";

interface MessagesProps {
  job: ShownJob;
  day: CourierDay;
  /** The courier pressed "Call" where nothing connects the two. */
  noCall?: boolean;
}

export function Messages({ job, day, noCall }: MessagesProps) {
  const { said, lost } = day.talks.of(job.id);
  useEffect(() => void day.talks.load(job.id), [job.id]);
  useEffect(() => day.talks.seen(job.id), [said.length]);
  const unsent = day.outbox.of(job.id).filter((deed) => deed.kind === "message");
  return (
    <Talk
      mine="courier"
      other={t("buyer")}
      said={said}
      pending={unsent.map((deed) => ({
        key: deed.id,
        words: wordsOf({ text: "", quick: null, ...(deed.body as object) }),
        note: t("message_unsent"),
        again: null,
      }))}
      lost={lost}
      open
      call={job.call ?? null}
      noCall={noCall}
      quick={phrasesFor(job)}
      onText={(text) => day.message(job, { text })}
      onQuick={(quick) => day.message(job, { quick })}
    />
  );
}

export function MessagesSheet({ open, onClose, ...of }: MessagesProps & { open: boolean; onClose: () => void }) {
  return (
    <Sheet open={open} title={t("messages_with")} closeLabel={t("close")} onClose={onClose} wide="middle" data-testid="messages">
      {open && <Messages {...of} />}
    </Sheet>
  );
}
