/** Viewers' reports: look, decide, done. */

import { useEffect, useState } from "preact/hooks";
import { post } from "../../core/api";
import { when } from "../../core/i18n";
import { problemText } from "../../core/problems";
import type { Report } from "../../core/types_console";
import { Button, ButtonLink } from "../../design/button";
import { Badge } from "../../design/labels";
import { toast } from "../../design/toast";
import { Choice } from "../../design/toggles";
import type { ConsoleState } from "./console_state";
import { ListFrame } from "./list_frame";
import { usePaged } from "./paged";
import { SanctionDialog, type SanctionTarget } from "./sanction_dialog";
import { t } from "./text";

export function Reports({ state }: { state: ConsoleState }) {
  const [shown, setShown] = useState<"open" | "all">("open");
  const [target, setTarget] = useState<SanctionTarget | null>(null);
  const list = usePaged<Report>("/api/console/reports", { state: shown });
  const last = state.lastReport.value;
  useEffect(() => {
    if (last) list.change((old) => [last, ...old.filter((one) => one.id !== last.id)]);
  }, [last]);
  const resolve = async (report: Report, outcome: "upheld" | "dismissed") => {
    try {
      await post(`/api/console/reports/${report.id}/resolve`, { outcome });
      list.change((old) =>
        shown === "all"
          ? old.map((one) => (one.id === report.id ? { ...one, state: "resolved", outcome } : one))
          : old.filter((one) => one.id !== report.id),
      );
      state.openReports.value = Math.max(0, state.openReports.value - 1);
      toast(t("resolved"), "good");
    } catch (error) {
      toast(problemText(error), "bad");
    }
  };
  const aside = (
    <Choice
      label={t("reports")}
      value={shown}
      options={[
        { value: "open", label: t("open") },
        { value: "all", label: t("all") },
      ]}
      onChange={setShown}
    />
  );
  return (
    <ListFrame title={t("reports")} list={list} emptyIcon="flag" empty={t("none_reports")} aside={aside}>
      {(items) => (
        <ul class="cs-rows">
          {items.map((report) => (
            <li key={report.id} class="cs-row" data-testid={`report-${report.id}`}>
              <div class="cs-row__main">
                <p class="cs-row__facts">
                  <Badge tone="bad">{t(`r_${report.reason}`)}</Badge>
                  <span class="num">{when(report.at)}</span>
                  <span>{t("reported_by", { name: report.reporter_name })}</span>
                  <a href={`#shows/${report.show_id}`}>{t("in_show", { show: report.show_title })}</a>
                </p>
                <blockquote class="cs-quote">
                  {report.subject.user_name && <b>{report.subject.user_name} </b>}
                  {report.subject.message_id ? report.subject.excerpt : t("about_show")}
                </blockquote>
                {report.text && <p class="muted">{report.text}</p>}
              </div>
              {report.state !== "open" ? (
                <Badge>{report.outcome === "upheld" ? t("upheld") : t("dismissed")}</Badge>
              ) : (
                <div class="cs-row__actions">
                  {report.subject.user_id && (
                    <Button
                      size="s"
                      onClick={() =>
                        setTarget({
                          kind: "mute",
                          userId: report.subject.user_id ?? "",
                          name: report.subject.user_name ?? "",
                          showId: report.show_id,
                          excerpt: report.subject.excerpt,
                        })
                      }
                      data-testid="report-mute"
                    >
                      {t("mute")}
                    </Button>
                  )}
                  {!report.subject.message_id && (
                    <ButtonLink size="s" href={`#shows/${report.show_id}`}>
                      {t("watch")}
                    </ButtonLink>
                  )}
                  <Button size="s" onClick={() => void resolve(report, "dismissed")} data-testid="report-dismiss">
                    {t("dismiss")}
                  </Button>
                  <Button size="s" variant="primary" onClick={() => void resolve(report, "upheld")} data-testid="report-uphold">
                    {t("uphold")}
                  </Button>
                </div>
              )}
            </li>
          ))}
          <SanctionDialog target={target} onClose={() => setTarget(null)} />
        </ul>
      )}
    </ListFrame>
  );
}
