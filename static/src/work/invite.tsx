/** Inviting somebody to work in the store: a link and a QR code that are good once. */

import { useEffect, useState } from "preact/hooks";
import { post } from "../core/api";
import { when } from "../core/i18n";
import { problemText } from "../core/problems";
import { Button } from "../design/button";
import { Sheet } from "../design/sheet";
import { toast } from "../design/toast";
import { Choice } from "../design/toggles";
import { QrCode } from "./qr_code";
import { t } from "./text";

const ROLES = ["associate", "staff", "courier"] as const;

interface Invite {
  url: string;
  token: string;
  expires_at: string;
}

export function InviteSheet({ open, storeId, onClose }: { open: boolean; storeId: string; onClose: () => void }) {
  const [role, setRole] = useState<(typeof ROLES)[number]>("associate");
  const [invite, setInvite] = useState<Invite | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => setInvite(null), [open, role]);
  const make = async () => {
    setBusy(true);
    try {
      setInvite(await post<Invite>("/api/invites", { role, store_id: storeId }));
    } catch (error) {
      toast(problemText(error), "bad");
    } finally {
      setBusy(false);
    }
  };
  const pass = async (url: string) => {
    try {
      if (typeof navigator.share === "function") await navigator.share({ url });
      else {
        await navigator.clipboard.writeText(url);
        toast(t("copied"), "good");
      }
    } catch {
      // The person closed the share sheet.
    }
  };
  return (
    <Sheet
      open={open}
      title={t("invite")}
      closeLabel={t("close")}
      onClose={onClose}
      wide="middle"
      data-testid="invite"
      footer={
        invite ? (
          <Button variant="primary" size="l" wide icon="share" onClick={() => void pass(invite.url)} data-testid="invite-share">
            {t("invite_share")}
          </Button>
        ) : (
          <Button variant="primary" size="l" wide busy={busy} onClick={() => void make()} data-testid="invite-create">
            {t("invite_create")}
          </Button>
        )
      }
    >
      <div class="stack">
        <Choice
          label={t("invite_role")}
          value={role}
          options={ROLES.map((value) => ({ value, label: t(`role_${value}`) }))}
          onChange={setRole}
        />
        {invite ? (
          <div class="w-invite">
            <QrCode text={invite.url} label={t("invite")} />
            <p class="w-invite__url" data-testid="invite-url">
              {invite.url}
            </p>
            <p class="muted small">{t("invite_until", { when: when(invite.expires_at) })}</p>
          </div>
        ) : (
          <p class="muted">{t("invite_text")}</p>
        )}
      </div>
    </Sheet>
  );
}
