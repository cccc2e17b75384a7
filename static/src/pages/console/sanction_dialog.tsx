/** Muting or banning somebody: how long, where, why. */

import { useLayoutEffect, useState } from "preact/hooks";
import { post } from "../../core/api";
import { toast } from "../../design/toast";
import { Choice } from "../../design/toggles";
import { ReasonDialog } from "./reason_dialog";
import { t } from "./text";

export interface SanctionTarget {
  kind: "mute" | "ban";
  userId: string;
  name: string;
  showId: string | null;
  excerpt: string | null;
}

const LENGTHS = ["10", "60", "1440", "10080", "forever"] as const;

export function SanctionDialog({ target, onClose }: { target: SanctionTarget | null; onClose: () => void }) {
  const [length, setLength] = useState<(typeof LENGTHS)[number]>("10");
  const [reach, setReach] = useState<"show" | "all">("show");
  // Before the first key can be pressed: an effect after painting could wipe what was typed.
  useLayoutEffect(() => {
    if (!target) return;
    setLength(target.kind === "mute" ? "10" : "1440");
    setReach(target.showId ? "show" : "all");
  }, [target]);
  const send = async (reason: string) => {
    if (!target) return;
    const body: Record<string, unknown> = { user_id: target.userId, kind: target.kind, reason };
    if (length !== "forever") body["minutes"] = Number(length);
    if (reach === "show" && target.showId) body["show_id"] = target.showId;
    await post("/api/console/sanctions", body);
    toast(t(target.kind === "mute" ? "muted_ok" : "banned_ok"), "good");
    onClose();
  };
  return (
    <ReasonDialog
      open={target !== null}
      title={target ? t(target.kind === "mute" ? "mute_who" : "ban_who", { name: target.name }) : ""}
      text={target?.excerpt ?? undefined}
      label={t("reason")}
      hint={t("reason_required")}
      initial={t("r_abuse")}
      confirmLabel={target?.kind === "ban" ? t("ban") : t("mute")}
      danger
      testid="sanction-reason"
      onConfirm={send}
      onClose={onClose}
    >
      <div class="w-setting">
        <span class="w-setting__label">{t("how_long")}</span>
        <Choice
          label={t("how_long")}
          look="chips"
          value={length}
          options={LENGTHS.map((value) => ({ value, label: t(`d_${value}`) }))}
          onChange={setLength}
        />
      </div>
      {target?.showId && (
        <div class="w-setting">
          <span class="w-setting__label">{t("where")}</span>
          <Choice
            label={t("where")}
            value={reach}
            options={[
              { value: "show", label: t("this_show") },
              { value: "all", label: t("everywhere") },
            ]}
            onChange={setReach}
          />
        </div>
      )}
    </ReasonDialog>
  );
}
