import { useEffect, useState } from "preact/hooks";
import { get } from "../../core/api";
import { when } from "../../core/i18n";
import { mount } from "../../core/page";
import { pathId } from "../../core/path";
import { problemCode, problemText } from "../../core/problems";
import { acceptInvite } from "../../core/session";
import type { Role } from "../../core/types";
import { Button, ButtonLink } from "../../design/button";
import { Skeleton } from "../../design/progress";
import { landing } from "../../work/places";
import { t as work } from "../../work/text";
import { Credentials } from "../sign-in/credentials";
import { Frame } from "../sign-in/frame";
import { t } from "./text";

interface Invite {
  role: Role;
  store_name: string | null;
  expires_at: string;
}

const token = pathId();

function Join() {
  const [invite, setInvite] = useState<Invite | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const load = () => {
    setFailure(null);
    get<Invite>(`/api/session/invite/${encodeURIComponent(token)}`, {}, { anonymous: true }).then(setInvite, setFailure);
  };
  useEffect(load, []);

  if (failure !== null) {
    const final = problemCode(failure)?.startsWith("invite_") ?? false;
    return (
      <Frame>
        <div class="stack" data-testid="join-failed">
          <h1>{t("cannot")}</h1>
          <p class="muted">{problemText(failure)}</p>
          {!final && (
            <Button variant="primary" onClick={load}>
              {t("retry")}
            </Button>
          )}
          <ButtonLink href="/sign-in">{t("sign_in")}</ButtonLink>
        </div>
      </Frame>
    );
  }
  if (invite === null) {
    return (
      <Frame>
        <div class="stack" aria-label={t("loading")}>
          <Skeleton height="2rem" width="80%" />
          <Skeleton height="3rem" />
          <Skeleton height="3rem" />
          <Skeleton height="3rem" />
        </div>
      </Frame>
    );
  }
  return (
    <Frame>
      <div class="stack si-title" data-testid="join-invite">
        <h1>{t("invited", { store: invite.store_name ?? "Nearlive" })}</h1>
        <p class="muted">{t("as", { role: work(`role_${invite.role}`) })}</p>
      </div>
      <Credentials
        fresh
        submitLabel={t("join")}
        send={(login, password, name) => acceptInvite(token, login, password, name)}
        onUser={(user) => location.replace(landing(user.role, null))}
      />
      <p class="si-note muted small">{t("until", { when: when(invite.expires_at) })}</p>
      <p class="si-other">
        <a class="si-link" href="/sign-in">
          {t("sign_in")}
        </a>
      </p>
    </Frame>
  );
}

mount(Join, () => t("title"));
