import type { ComponentChildren } from "preact";

import { when } from "../../core/i18n";
import { serverNow } from "../../core/server_clock";
import type { Show } from "../../core/types";
import { Button, ButtonLink } from "../../design/button";
import { Icon, type IconName } from "../../design/icons";
import { Avatar, Countdown } from "../../design/labels";
import { t } from "./text";

/** A shown countdown longer than this is no use: the day and time say more. */
const COUNTED = 24 * 3_600_000;

interface CurtainProps {
  state: string;
  icon?: IconName;
  cover: string | null;
  title: string;
  text?: string;
  children?: ComponentChildren;
}

function Curtain({ state, icon, cover, title, text, children }: CurtainProps) {
  return (
    <div class="curtain" data-testid="curtain" data-state={state} role="status">
      {cover && <img class="curtain__cover" src={cover} alt="" />}
      <div class="curtain__in">
        {icon && (
          <span class="curtain__icon">
            <Icon name={icon} size={32} />
          </span>
        )}
        <h2>{title}</h2>
        {text && <p>{text}</p>}
        {children}
      </div>
    </div>
  );
}

function HomeLink({ quiet }: { quiet?: boolean }) {
  return (
    <ButtonLink href="/" variant={quiet ? "glass" : "primary"} data-testid="back-home">
      {t("back_home")}
    </ButtonLink>
  );
}

/** What hangs in front of the picture when there is none to see; null while the show goes on. With `onShelf`, what was
 * shown is a press away. */
export function curtainFor(show: Show, banned: boolean, onShelf?: () => void): ComponentChildren {
  const cover = show.cover_url;
  if (banned) {
    return (
      <Curtain state="banned" icon="ban" cover={null} title={t("banned")} text={t("banned_text")}>
        <HomeLink />
      </Curtain>
    );
  }
  switch (show.status) {
    case "live":
      return null;
    case "paused":
      return <Curtain state="paused" icon="pause" cover={cover} title={t("paused")} text={t("paused_text")} />;
    case "ended": {
      const cut = show.end_reason === "cut";
      const text = cut ? t("cut_text") : t(show.cards.length > 0 ? "ended_text" : "ended_plain");
      return (
        <Curtain state={cut ? "cut" : "ended"} icon={cut ? "shield" : "check"} cover={cut ? null : cover} title={t(cut ? "cut" : "ended")} text={text}>
          {onShelf && show.cards.length > 0 && !cut ? (
            <>
              <Button variant="primary" icon="bag" onClick={onShelf} data-testid="over-shelf">
                {t("ended_shelf")}
              </Button>
              <HomeLink quiet />
            </>
          ) : (
            <HomeLink />
          )}
        </Curtain>
      );
    }
    default:
      return <Upcoming show={show} cover={cover} />;
  }
}

function Upcoming({ show, cover }: { show: Show; cover: string | null }) {
  const at = show.scheduled_at === null ? null : Date.parse(show.scheduled_at) + Date.now() - serverNow();
  const left = at === null ? null : at - Date.now();
  return (
    <div class="curtain curtain--upcoming" data-testid="curtain" data-state="upcoming">
      {cover && <img class="curtain__cover" src={cover} alt="" />}
      <div class="curtain__in">
        <Avatar name={show.associate.name} size={72} />
        <h1>{show.title}</h1>
        <p>
          {show.associate.name} · {show.store.name}
        </p>
        {at !== null && left !== null && left > 0 && left < COUNTED && (
          <p class="curtain__count">
            <span>{t("starts_in")}</span>
            <Countdown until={at} />
          </p>
        )}
        {at !== null && left !== null && left >= COUNTED && <p class="curtain__when num">{t("starts_at", { when: when(at) })}</p>}
        {left !== null && left <= 0 && <p>{t("starts_soon_text")}</p>}
        {left === null && <p>{t("not_planned")}</p>}
      </div>
    </div>
  );
}
