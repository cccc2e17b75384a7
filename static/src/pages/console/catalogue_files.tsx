/** Import with a look before it is written, and export. */

import { useRef, useState } from "preact/hooks";
import { download, post, withQuery } from "../../core/api";
import { problemText } from "../../core/problems";
import { SECTIONS, type ImportReport, type Section } from "../../core/types_catalogue";
import { Button } from "../../design/button";
import { cx } from "../../design/class_names";
import { Icon } from "../../design/icons";
import { toast } from "../../design/toast";
import { Switch } from "../../design/toggles";
import { ReportTables } from "./catalogue_report";
import { c } from "./catalogue_text";

/** Thousands of counts of stock take a while to be written. */
const PATIENCE = 180_000;

export function CatalogueFiles() {
  return (
    <div class="ct-files">
      <Import />
      <Export />
    </div>
  );
}

/** The file as what the server takes, null if it is neither. Some systems know no type for CSV. */
function typed(file: File): Blob | null {
  const name = file.name.toLowerCase();
  if (name.endsWith(".csv")) return new Blob([file], { type: "text/csv" });
  return name.endsWith(".json") ? new Blob([file], { type: "application/json" }) : null;
}

function Import() {
  const [file, setFile] = useState<File | null>(null);
  const [report, setReport] = useState<ImportReport | null>(null);
  const [skipBad, setSkipBad] = useState(false);
  const [busy, setBusy] = useState<"looking" | "writing" | null>(null);
  const [over, setOver] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const results = useRef<HTMLDivElement>(null);

  const send = async (sent: File, options: { dryRun: boolean; skipBad: boolean }) => {
    const body = typed(sent);
    if (!body) {
      toast(c("not_file"), "bad");
      return;
    }
    setFile(sent);
    setBusy(options.dryRun ? "looking" : "writing");
    if (options.dryRun) setReport(null);
    try {
      const query = { dry_run: options.dryRun, skip_bad: options.skipBad };
      const answer = await post<ImportReport>(withQuery("/api/catalogue/import", query), body, { timeout: PATIENCE });
      setReport(answer);
      if (answer.applied) toast(c("applied_n", { n: answer.change_count }), "good");
      requestAnimationFrame(() => results.current?.focus({ preventScroll: !options.dryRun }));
    } catch (failure) {
      toast(problemText(failure), "bad");
    } finally {
      setBusy(null);
    }
  };
  const look = (chosen: File | undefined) => {
    if (chosen) void send(chosen, { dryRun: true, skipBad });
  };
  const writable = report !== null && !report.applied && report.change_count > 0 && (report.problem_count === 0 || skipBad);

  return (
    <section class="ct-box stack" aria-labelledby="ct-import">
      <h2 id="ct-import">{c("import")}</h2>
      <p class="muted">{c("import_text")}</p>
      <div
        class={cx("ct-drop", over && "ct-drop--over")}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          look(event.dataTransfer?.files[0]);
        }}
      >
        <Icon name="upload" size={28} />
        {file ? <strong class="ct-drop__name">{file.name}</strong> : <span class="muted small">{c("drop_file")}</span>}
        <Button
          variant={file ? "secondary" : "primary"}
          busy={busy === "looking"}
          onClick={() => input.current?.click()}
          data-testid="import-choose"
        >
          {busy === "looking" ? c("checking") : file ? c("other_file") : c("choose_file")}
        </Button>
        <input
          ref={input}
          class="sr-only"
          type="file"
          tabIndex={-1}
          aria-hidden="true"
          accept=".csv,.json,text/csv,application/json"
          onChange={(event) => {
            look(event.currentTarget.files?.[0]);
            event.currentTarget.value = "";
          }}
          data-testid="import-file"
        />
      </div>
      {report && file && (
        <div ref={results} tabIndex={-1} class="ct-report stack" data-testid="import-report">
          <ReportTables report={report} />
          {!report.applied && report.problem_count > 0 && (
            <Switch
              label={c("skip_bad")}
              hint={c("skip_bad_hint")}
              checked={skipBad}
              onChange={(value) => {
                setSkipBad(value);
                void send(file, { dryRun: true, skipBad: value });
              }}
              data-testid="import-skip"
            />
          )}
          {writable && (
            <Button
              variant="primary"
              size="l"
              busy={busy === "writing"}
              onClick={() => void send(file, { dryRun: false, skipBad })}
              data-testid="import-apply"
            >
              {c("apply_n", { n: report.change_count })}
            </Button>
          )}
        </div>
      )}
    </section>
  );
}

function Export() {
  const [busy, setBusy] = useState<Section | "json" | null>(null);
  const save = async (what: Section | "json") => {
    setBusy(what);
    try {
      const query = what === "json" ? { format: "json" } : { format: "csv", section: what };
      await download(withQuery("/api/catalogue/export", query), what === "json" ? "catalogue.json" : `${what}.csv`);
    } catch (failure) {
      toast(problemText(failure), "bad");
    } finally {
      setBusy(null);
    }
  };
  return (
    <section class="ct-box stack" aria-labelledby="ct-export">
      <h2 id="ct-export">{c("export")}</h2>
      <p class="muted">{c("export_text")}</p>
      <div class="ct-exports">
        {SECTIONS.map((section) => (
          <Button key={section} busy={busy === section} onClick={() => void save(section)} data-testid={`export-${section}`}>
            {c(section)} CSV
          </Button>
        ))}
        <Button busy={busy === "json"} onClick={() => void save("json")} data-testid="export-json">
          {c("export_json")}
        </Button>
      </div>
    </section>
  );
}
