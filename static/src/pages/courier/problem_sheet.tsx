/** Saying that a delivery cannot go on as planned, and what happens then. */

import { useLayoutEffect, useState } from "preact/hooks";
import { Button } from "../../design/button";
import { TextArea } from "../../design/fields";
import { Sheet } from "../../design/sheet";
import { toast } from "../../design/toast";
import { Choice } from "../../design/toggles";
import { AbsentStep } from "./absent_step";
import type { CourierDay } from "./courier_state";
import { hasGoods, type ShownJob } from "./deeds";
import { t } from "./text";

const BEFORE = ["store_closed", "accident", "other"] as const;
const AFTER = ["buyer_absent", "refused", "damaged", "accident", "other"] as const;
type Kind = (typeof BEFORE)[number] | (typeof AFTER)[number];

/** What follows, where it is not what follows from most. */
const THEN: Partial<Record<Kind, "then_absent" | "then_closed">> = { buyer_absent: "then_absent", store_closed: "then_closed" };

interface ProblemSheetProps {
  open: boolean;
  job: ShownJob;
  day: CourierDay;
  onClose: () => void;
  /** The buyer agreed that it is left at the door. */
  onPhoto: () => void;
}

export function ProblemSheet({ open, job, day, onClose, onPhoto }: ProblemSheetProps) {
  const [kind, setKind] = useState<Kind | null>(null);
  const [text, setText] = useState("");
  const [waited, setWaited] = useState<string | null>(null);
  useLayoutEffect(() => {
    if (!open) return;
    setKind(null);
    setText("");
    setWaited(null);
  }, [open]);
  const goods = hasGoods(job);
  const kinds: readonly Kind[] = goods ? AFTER : BEFORE;
  const absent = kind === "buyer_absent";
  const send = () => {
    if (kind === null) return;
    day.report(job, kind, [text.trim(), waited].filter(Boolean).join(" · "));
    toast(t("reported"), "good");
    onClose();
  };
  return (
    <Sheet
      open={open}
      title={absent ? t("p_buyer_absent") : t("problem_q")}
      closeLabel={t("close")}
      onClose={onClose}
      wide="middle"
      view={absent ? "absent" : "which"}
      data-testid="problem"
      footer={
        <Button
          size="l"
          wide
          variant="danger"
          disabled={kind === null || (absent && waited === null)}
          onClick={send}
          data-testid="problem-submit"
        >
          {goods ? t("report_back") : kind === "store_closed" ? t("report_closed") : t("report_give_up")}
        </Button>
      }
    >
      {absent ? (
        <AbsentStep job={job} day={day} onWaited={setWaited} onPhoto={onPhoto} onBack={() => setKind(null)} />
      ) : (
        <div class="stack">
          <Choice
            label={t("problem_q")}
            look="rows"
            value={kind}
            options={kinds.map((value) => ({ value, label: t(`p_${value}`), hint: t(THEN[value] ?? (goods ? "then_back" : "then_other")) }))}
            onChange={setKind}
          />
          <TextArea label={t("p_note")} optional={t("optional")} value={text} onValue={setText} maxLength={240} rows={3} />
        </div>
      )}
    </Sheet>
  );
}
