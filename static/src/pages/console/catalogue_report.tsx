/** What an import found and would do, as tables. */

import { SECTIONS, type ImportProblem, type ImportReport, type Section } from "../../core/types_catalogue";
import { lang } from "../../core/i18n";
import { Badge } from "../../design/labels";
import { c } from "./catalogue_text";

const CODES = [
  "missing", "unknown_column", "not_text", "not_a_number", "not_yes_no", "too_long", "too_many", "bad_form",
  "out_of_bounds", "blank", "bad_time_zone", "bad_hours", "bad_date", "bad_currency", "bad_barcode", "bad_options",
  "bad_area", "barcode_taken", "twice", "unknown_store", "unknown_product", "below_reserved", "bad_picture",
  "no_pictures", "depends", "too_many_rows", "bad_value",
] as const;
const MOST = 500;

function sectionName(name: string): string {
  const known = SECTIONS.find((one) => one === name);
  return known ? c(known) : name;
}

/** Codes whose English reason says more than their sentence: which other product, how many pieces. */
const TELLING: readonly string[] = ["bad_options", "bad_area", "barcode_taken", "twice", "unknown_store", "unknown_product", "below_reserved", "unknown_column", "bad_form"];

function sentence(problem: ImportProblem): string {
  const known = CODES.find((one) => one === problem.code);
  if (known && (lang.value !== "en" || !TELLING.includes(known))) return c(`p_${known}`);
  return problem.reason;
}

/** Numbers of rows are names: no thousands' comma. */
function place({ section, row }: ImportProblem): string {
  const name = sectionName(section);
  return row === null ? name : c("row_n", { section: name, n: String(row) });
}

export function ReportTables({ report }: { report: ImportReport }) {
  const rows = SECTIONS.filter((section) => report.rows[section]);
  const clean = report.problem_count === 0;
  return (
    <>
      <p class="ct-summary" role="status">
        {report.applied && <Badge tone="good" solid icon="check">{c("applied_n", { n: report.change_count })}</Badge>}
        {rows.map((section: Section) => (
          <Badge key={section}>{`${c(section)} · ${c("n_rows", { n: report.rows[section] ?? 0 })}`}</Badge>
        ))}
        {clean && !report.applied && <Badge tone="good" icon="check">{c("all_good")}</Badge>}
        {!clean && (
          <Badge tone={report.applied ? "warn" : "bad"} icon="alert">
            {c(report.applied ? "n_left_out" : "n_problems", { n: report.problem_count })}
          </Badge>
        )}
      </p>
      {!clean && <Problems report={report} />}
      {report.change_count > 0 && <Changes report={report} />}
      {report.change_count === 0 && clean && <p class="muted">{c("nothing_to_do")}</p>}
    </>
  );
}

function Problems({ report }: { report: ImportReport }) {
  return (
    <div>
      <div class="ct-table ct-table--bad" tabIndex={0} role="region" aria-label={c("n_problems", { n: report.problem_count })}>
        <table>
          <thead>
            <tr>
              <th scope="col">{c("row")}</th>
              <th scope="col">{c("column")}</th>
              <th scope="col">{c("what")}</th>
              <th scope="col">{c("read")}</th>
            </tr>
          </thead>
          <tbody>
            {report.problems.map((problem, at) => (
              <tr key={at} data-testid="import-problem">
                <td class="num">{place(problem)}</td>
                <td>{problem.column && <code>{problem.column}</code>}</td>
                <td>{sentence(problem)}</td>
                <td>{problem.value && <code class="ct-read">{problem.value}</code>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {report.problem_count > MOST && <p class="muted small">{c("first_500")}</p>}
    </div>
  );
}

function Changes({ report }: { report: ImportReport }) {
  return (
    <details class="ct-changes" open={report.change_count <= 30}>
      <summary>{c("n_changes", { n: report.change_count })}</summary>
      <div class="ct-table" tabIndex={0} role="region" aria-label={c("n_changes", { n: report.change_count })}>
        <table>
          <thead>
            <tr>
              <th scope="col">{c("which")}</th>
              <th scope="col">{c("becomes")}</th>
            </tr>
          </thead>
          <tbody>
            {report.changes.map((change) => (
              <tr key={`${change.section} ${change.key}`}>
                <td>
                  {sectionName(change.section)} <code>{change.key}</code>
                </td>
                <td>{change.what === "new" ? <Badge tone="good">{c("is_new")}</Badge> : change.what}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {report.change_count > MOST && <p class="muted small">{c("first_500")}</p>}
    </details>
  );
}
