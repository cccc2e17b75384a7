/** Everything that operators did, newest first; nothing here can be changed. */

import { clockSeconds, when } from "../../core/i18n";
import type { AuditEntry } from "../../core/types_console";
import { ListFrame } from "./list_frame";
import { usePaged } from "./paged";
import { t } from "./text";

/** The actions that moderation logs, in words; an unknown one is shown as it is. */
const ACTIONS: Readonly<Record<string, Parameters<typeof t>[0]>> = {
  "message.delete": "did_delete",
  "message.release": "did_release",
  "message.refuse": "did_refuse",
  "report.resolve": "did_resolve",
  "rule.add": "did_rule_add",
  "rule.remove": "did_rule_remove",
  "sanction.mute": "k_mute",
  "sanction.ban": "k_ban",
  "sanction.lift": "lifted",
  "show.warn": "warn",
  "show.cut": "cut",
  "show.capture": "did_capture",
  "show.capture_fetch": "did_capture_fetch",
  "show.capture_discard": "did_capture_discard",
  "catalogue.store": "did_store",
  "catalogue.product": "did_product",
  "catalogue.prices": "did_prices",
  "catalogue.import": "did_import",
};

function actionText(action: string): string {
  const key = ACTIONS[action];
  return key ? t(key) : action;
}

function detailText(detail: unknown): string {
  if (detail === null || detail === undefined) return "";
  if (typeof detail !== "object") return String(detail);
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== "")
    .map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
    .join(" · ");
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
                    {entry.why}
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
