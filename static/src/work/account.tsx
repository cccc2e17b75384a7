/** The account button of the working pages and the sheet behind it: who, language, appearance, sign out. */

import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { lang, setLang } from "../core/i18n";
import { setTheme, theme } from "../core/page";
import { signOut, user } from "../core/session";
import { Button, IconButton } from "../design/button";
import { Avatar } from "../design/labels";
import { Sheet } from "../design/sheet";
import { Choice } from "../design/toggles";
import { InviteSheet } from "./invite";
import { t } from "./text";

export function LangAndTheme() {
  return (
    <>
      <div class="w-setting">
        <span class="w-setting__label">{t("language")}</span>
        <Choice
          label={t("language")}
          value={lang.value}
          options={[
            { value: "zh", label: "中文" },
            { value: "en", label: "English" },
          ]}
          onChange={setLang}
        />
      </div>
      <div class="w-setting">
        <span class="w-setting__label">{t("appearance")}</span>
        <Choice
          label={t("appearance")}
          value={theme.value}
          options={[
            { value: "auto", label: t("auto") },
            { value: "light", label: t("light"), icon: "sun" },
            { value: "dark", label: t("dark"), icon: "moon" },
          ]}
          onChange={setTheme}
        />
      </div>
    </>
  );
}

interface AccountButtonProps {
  variant?: "plain" | "glass";
  /** Settings of this page alone, before those of all. */
  more?: ComponentChildren;
}

export function AccountButton({ variant = "plain", more }: AccountButtonProps) {
  const [open, setOpen] = useState<"account" | "invite" | null>(null);
  const me = user.value;
  if (me === null) return null;
  return (
    <>
      <IconButton
        icon="user"
        label={t("account")}
        variant={variant}
        onClick={() => setOpen("account")}
        data-testid="account-open"
      />
      <Sheet
        open={open === "account"}
        title={t("account")}
        closeLabel={t("close")}
        onClose={() => setOpen(null)}
        footer={
          <Button wide icon="sign-out" onClick={() => void signOut()} data-testid="sign-out">
            {t("sign_out")}
          </Button>
        }
      >
        <div class="stack">
          <div class="row">
            <Avatar name={me.name} size={52} />
            <div class="grow">
              <h3>{me.name}</h3>
              <p class="muted small">{[t(`role_${me.role}`), me.store_name].filter(Boolean).join(" · ")}</p>
            </div>
          </div>
          {me.role === "staff" && me.store_id !== null && (
            <Button icon="qr" onClick={() => setOpen("invite")} data-testid="invite-open">
              {t("invite")}
            </Button>
          )}
          {more}
          <LangAndTheme />
        </div>
      </Sheet>
      {me.store_id !== null && (
        <InviteSheet open={open === "invite"} storeId={me.store_id} onClose={() => setOpen(null)} />
      )}
    </>
  );
}
