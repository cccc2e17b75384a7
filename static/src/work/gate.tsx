/** Lets only people of the right role into a page; the others are told where to go. */

import { useEffect, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { problemCode, problemText } from "../core/problems";
import { mayUse, signOut, startSession, user } from "../core/session";
import type { Role, User } from "../core/types";
import { Button, ButtonLink } from "../design/button";
import { Icon, Wordmark } from "../design/icons";
import { Spinner } from "../design/progress";
import { Toasts } from "../design/toast";
import { HOMES, signInPath } from "./places";
import { t } from "./text";
import "./work.css";

type Start = { state: "starting" } | { state: "ready" } | { state: "away"; me: User } | { state: "failed"; error: unknown };

const UNREACHED = new Set(["offline", "timeout", "unavailable"]);
const TRY_AGAIN = 5_000;

export interface GateProps {
  roles: readonly Role[];
  /** Who is let in while the server cannot be reached: for pages that work without it. */
  known?: () => User | null;
  children: (me: User) => ComponentChildren;
}

export function Gate({ roles, known, children }: GateProps) {
  const [start, setStart] = useState<Start>({ state: "starting" });
  const begin = () => {
    setStart((before) => (before.state === "away" ? before : { state: "starting" }));
    startSession({ guests: false }).then(
      () => setStart({ state: "ready" }),
      (error: unknown) => {
        const me = UNREACHED.has(problemCode(error) ?? "") ? known?.() : null;
        setStart(me ? { state: "away", me } : { state: "failed", error });
      },
    );
  };
  useEffect(begin, []);
  useEffect(() => {
    if (start.state !== "away") return undefined;
    const timer = setTimeout(begin, TRY_AGAIN);
    addEventListener("online", begin);
    return () => {
      clearTimeout(timer);
      removeEventListener("online", begin);
    };
  }, [start]);
  const me = user.value ?? (start.state === "away" ? start.me : null);
  const signedOut = start.state === "ready" && me === null;
  useEffect(() => {
    if (signedOut) location.replace(signInPath());
  }, [signedOut]);

  if (start.state === "failed") {
    return (
      <Centred>
        <Icon name="signal-off" size={40} />
        <h1>{t("cannot_start")}</h1>
        <p class="muted">{problemText(start.error)}</p>
        <Button variant="primary" onClick={begin}>
          {t("retry")}
        </Button>
      </Centred>
    );
  }
  if (start.state === "starting" || me === null) {
    return (
      <Centred>
        <Spinner size={32} label={t("loading")} />
      </Centred>
    );
  }
  if (!mayUse(me, roles)) return <WrongRole me={me} roles={roles} />;
  return (
    <>
      {children(me)}
      <Toasts />
    </>
  );
}

function WrongRole({ me, roles }: { me: User; roles: readonly Role[] }) {
  const names = roles.map((role) => t(`role_${role}`)).join(" / ");
  const leave = async () => {
    const next = signInPath();
    await signOut().catch(() => undefined);
    location.replace(next);
  };
  return (
    <Centred>
      <Wordmark />
      <h1>{t("not_for_you")}</h1>
      <p class="muted">{t("not_for_you_note", { name: me.name, role: t(`role_${me.role}`), roles: names })}</p>
      <div class="w-centred__actions">
        <Button variant="primary" onClick={() => void leave()} data-testid="switch-account">
          {t("switch_account")}
        </Button>
        <ButtonLink href={HOMES[me.role]}>{t("my_page")}</ButtonLink>
      </div>
    </Centred>
  );
}

function Centred({ children }: { children: ComponentChildren }) {
  return <main class="w-centred">{children}</main>;
}
