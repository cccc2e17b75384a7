/** Everything that operators did, newest first; nothing here can be changed. */

import { clockSeconds, money, when } from "../../core/i18n";
import type { AuditEntry } from "../../core/types_console";
import { actionText } from "./audit_text";
import { ListFrame } from "./list_frame";
import { usePaged } from "./paged";
import { t } from "./text";

function detailText(detail: unknown): string {
  if (detail === null || detail === undefined) return "";
  if (typeof detail !== "object") return String(detail);
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => `${name}: ${valueText(name, value)}`)
    .join(" · ");
}

function valueText(name: string, value: unknown): string {
  if (name === "amount" && typeof value === "number") return money(value);
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export function AuditLog() {
  const list = usePaged<AuditEntry>("/api/console/audit");
  return (
    <ListFrame title={t("audit")} list={list} emptyIcon="list" empty={t("none_audit")}>
      {(items) => (
        <div class="cs-table" role="region" aria-label={t("audit")} tabIndex={0}>
          <table data-testid="audit">
            <thead>
              <tr>
                <th scope="col">{t("when")}</th>
                <th scope="col">{t("who")}</th>
                <th scope="col">{t("what")}</th>
                <th scope="col">{t("subject")}</th>
                <th scope="col">{t("why")}</th>
              </tr>
            </thead>
            <tbody>
              {items.map((entry) => (
                <tr key={entry.id}>
                  <td class="num" title={clockSeconds(entry.at)}>
                    {when(entry.at)}
                  </td>
                  <td>{entry.actor.name}</td>
                  <td>
                    <span title={entry.action}>{actionText(entry.action)}</span>
                  </td>
                  <td>
                    <code class="muted">{entry.subject}</code>
                  </td>
                  <td>
                    {entry.why !== "-" && entry.why}
                    <span class="muted small cs-table__detail">{detailText(entry.detail)}</span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </ListFrame>
  );
}
