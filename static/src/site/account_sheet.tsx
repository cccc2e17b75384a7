import { t as offer } from "../buying/offer_text";
import { lang, setLang } from "../core/i18n";
import { setTheme, theme } from "../core/page";
import { signOut, user } from "../core/session";
import type { Role } from "../core/types";
import { Button, ButtonLink } from "../design/button";
import { Icon, type IconName } from "../design/icons";
import { Avatar } from "../design/labels";
import { Row } from "../design/rows";
import { Sheet } from "../design/sheet";
import { Choice } from "../design/toggles";
import { NameRow } from "./name_row";
import { t } from "./text";

type Work = "studio" | "console" | "counter" | "courier";

const WORK: Readonly<Partial<Record<Role, readonly Work[]>>> = {
  associate: ["studio"],
  staff: ["counter"],
  courier: ["courier"],
  operator: ["console"],
  admin: ["studio", "console", "counter", "courier"],
};

const ICONS: Readonly<Record<Work, IconName>> = { studio: "camera", console: "shield", counter: "store", courier: "scooter" };

export interface AccountSheetProps {
  open: boolean;
  onClose: () => void;
  onCoupons: () => void;
}

export function AccountSheet({ open, onClose, onCoupons }: AccountSheetProps) {
  const me = user.value;
  const signedIn = me !== null && me.role !== "guest";
  const here = encodeURIComponent(location.pathname);
  return (
    <Sheet open={open} onClose={onClose} title={t("account")} data-testid="account-sheet">
      <div class="stack site-account">
        {me === null ? (
          <Row start={<Avatar name={t("guest")} size={52} />} title={t("guest")} note={t("guest_text")} />
        ) : (
          <NameRow me={me} note={signedIn ? (me.store_name ?? me.login) : t("guest_text")} />
        )}
        {!signedIn && (
          <div class="site-account__pair">
            <ButtonLink variant="inverse" wide href={`/sign-in?next=${here}`} data-testid="sign-in-link">
              {t("sign_in")}
            </ButtonLink>
            <ButtonLink wide href={`/sign-in?new=1&next=${here}`}>
              {t("sign_up")}
            </ButtonLink>
          </div>
        )}
        {signedIn && (
          <div class="site-account__pair">
            {(WORK[me.role] ?? []).map((page) => (
              <ButtonLink key={page} wide href={`/${page}`} icon={ICONS[page]}>
                {t(page)}
              </ButtonLink>
            ))}
          </div>
        )}
        <Row title={offer("coupons_mine")} start={<Icon name="tag" />} end={<Icon name="chevron-right" size={20} />} onClick={onCoupons} data-testid="my-coupons" />
        <h3>{t("language")}</h3>
        <Choice
          label={t("language")}
          value={lang.value}
          options={[
            { value: "zh", label: "中文" },
            { value: "en", label: "English" },
          ]}
          onChange={setLang}
        />
        <h3>{t("theme")}</h3>
        <Choice
          label={t("theme")}
          value={theme.value}
          options={[
            { value: "auto", label: t("theme_auto") },
            { value: "light", label: t("theme_light") },
            { value: "dark", label: t("theme_dark") },
          ]}
          onChange={setTheme}
        />
        {signedIn && (
          <Button
            variant="quiet"
            icon="sign-out"
            data-testid="sign-out"
            onClick={() => {
              // Reloading drops what the page knows of the person; it happens even when the server was not reached.
              void signOut().catch(() => undefined).finally(() => location.assign("/"));
            }}
          >
            {t("sign_out")}
          </Button>
        )}
      </div>
    </Sheet>
  );
}
