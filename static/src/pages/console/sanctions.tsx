/** Who is muted or banned, and lifting it. */

import { useState } from "preact/hooks";
import { del } from "../../core/api";
import { when } from "../../core/i18n";
import type { Sanction } from "../../core/types_console";
import { Button } from "../../design/button";
import { Avatar, Badge } from "../../design/labels";
import { toast } from "../../design/toast";
import { ListFrame } from "./list_frame";
import { usePaged } from "./paged";
import { ReasonDialog } from "./reason_dialog";
import { nameOf } from "./rules";
import { t } from "./text";

export function Sanctions() {
  const list = usePaged<Sanction>("/api/console/sanctions", { active: true });
  const [lifting, setLifting] = useState<Sanction | null>(null);
  const lift = async (reason: string) => {
    if (!lifting) return;
    await del(`/api/console/sanctions/${lifting.id}`, { reason });
    list.change((old) => old.filter((one) => one.id !== lifting.id));
    setLifting(null);
    toast(t("lifted"), "good");
  };
  return (
    <ListFrame title={t("sanctions")} list={list} emptyIcon="ban" empty={t("none_sanctions")}>
      {(items) => (
        <ul class="cs-rows">
          {items.map((sanction) => (
            <li key={sanction.id} class="cs-row cs-row--slim" data-testid={`sanction-${sanction.id}`}>
              <Avatar name={sanction.user_name} size={40} />
              <div class="cs-row__main">
                <p class="cs-rule">
                  <b>{sanction.user_name}</b>
                  <Badge tone={sanction.kind === "ban" ? "bad" : "warn"}>{t(`k_${sanction.kind}`)}</Badge>
                  <span class="muted small num">
                    {sanction.until ? t("until", { time: when(sanction.until) }) : t("forever")}
                    {" · "}
                    {sanction.show_id ? t("this_show") : t("everywhere")}
                  </span>
                </p>
                <p class="muted small">
                  {sanction.reason} · {nameOf(sanction.by)} · {when(sanction.at)}
                </p>
              </div>
              <Button size="s" onClick={() => setLifting(sanction)} data-testid="sanction-lift">
                {t("lift")}
              </Button>
            </li>
          ))}
          <ReasonDialog
            open={lifting !== null}
            title={t("lift_q", { name: lifting?.user_name ?? "" })}
            label={t("reason")}
            hint={t("reason_required")}
            confirmLabel={t("lift")}
            testid="lift-reason"
            onConfirm={lift}
            onClose={() => setLifting(null)}
          />
        </ul>
      )}
    </ListFrame>
  );
}
