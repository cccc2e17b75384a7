/** Saying that a delivery cannot go on as planned. */

import { useState } from "preact/hooks";
import { problemText } from "../../core/problems";
import type { Job } from "../../core/types";
import { Button } from "../../design/button";
import { TextArea } from "../../design/fields";
import { Sheet } from "../../design/sheet";
import { toast } from "../../design/toast";
import { Choice } from "../../design/toggles";
import type { CourierDay } from "./courier_state";
import { t } from "./text";

const BEFORE = ["store_closed", "accident", "other"] as const;
const AFTER = ["buyer_absent", "refused", "damaged", "accident", "other"] as const;
type Kind = (typeof BEFORE)[number] | (typeof AFTER)[number];

interface ProblemSheetProps {
  open: boolean;
  job: Job;
  day: CourierDay;
  onClose: () => void;
}

export function ProblemSheet({ open, job, day, onClose }: ProblemSheetProps) {
  const [kind, setKind] = useState<Kind | null>(null);
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const kinds: readonly Kind[] = job.status === "accepted" || job.status === "at_store" ? BEFORE : AFTER;
  const send = async () => {
    if (kind === null) return;
    setBusy(true);
    try {
      await day.report(job.id, kind, text.trim());
      toast(t("reported"), "good");
      onClose();
    } catch (error) {
      toast(problemText(error), "bad");
    } finally {
      setBusy(false);
    }
  };
  return (
    <Sheet
      open={open}
      title={t("problem_q")}
      closeLabel={t("close")}
      onClose={onClose}
      wide="middle"
      data-testid="problem"
      footer={
        <Button
          size="l"
          wide
          variant="danger"
          busy={busy}
          disabled={kind === null}
          onClick={() => void send()}
          data-testid="problem-submit"
        >
          {t("report")}
        </Button>
      }
    >
      <div class="stack">
        <Choice
          label={t("problem_q")}
          look="rows"
          value={kind}
          options={kinds.map((value) => ({ value, label: t(`p_${value}`) }))}
          onChange={setKind}
        />
        <TextArea label={t("p_note")} optional={t("optional")} value={text} onValue={setText} maxLength={300} rows={3} />
      </div>
    </Sheet>
  );
}
