import { useState } from "preact/hooks";

import { post } from "../../core/api";
import { Button } from "../../design/button";
import { TextArea } from "../../design/fields";
import { ProblemNote } from "../../design/notices";
import { Sheet } from "../../design/sheet";
import { toast } from "../../design/toast";
import { Choice } from "../../design/toggles";
import type { Entry } from "./chat_log";
import { t } from "./text";

const REASONS = ["spam", "abuse", "sexual", "violence", "fraud", "minor", "other"] as const;

type ReportReason = (typeof REASONS)[number];

export interface ReportSheetProps {
  showId: string;
  /** What is reported: a message, the show, or nothing (closed). */
  subject: Entry | "show" | null;
  onClose: () => void;
}

export function ReportSheet({ showId, subject, onClose }: ReportSheetProps) {
  const [reason, setReason] = useState<ReportReason | null>(null);
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const entry = subject === "show" ? null : subject;

  async function send(): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      await post(`/api/shows/${encodeURIComponent(showId)}/reports`, {
        reason,
        ...(entry ? { message_id: entry.id } : {}),
        ...(text.trim() ? { text: text.trim() } : {}),
      });
      toast(t("reported"), "good");
      setReason(null);
      setText("");
      onClose();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Sheet
      open={subject !== null}
      title={t("report_title")}
      onClose={onClose}
      data-testid="report-sheet"
      footer={
        <Button variant="primary" size="l" wide disabled={reason === null} busy={busy} onClick={() => void send()} data-testid="report-send">
          {t("report_send")}
        </Button>
      }
    >
      <div class="stack">
        {entry ? (
          <blockquote class="report-quote">
            <strong>{entry.author.name}</strong>
            <span>{entry.text}</span>
          </blockquote>
        ) : (
          <p class="muted">{t("report_show")}</p>
        )}
        <Choice
          label={t("report_title")}
          look="chips"
          value={reason}
          options={REASONS.map((value) => ({ value, label: t(`report_${value}`) }))}
          onChange={setReason}
        />
        <TextArea label={t("report_more")} optional={t("optional")} maxLength={500} value={text} onValue={setText} />
        <ProblemNote error={error} />
      </div>
    </Sheet>
  );
}
