import { useEffect, useState } from "preact/hooks";

import { followMe } from "../../buying/my_orders";
import { mount } from "../../core/page";
import { pathId } from "../../core/path";
import { isMissing } from "../../core/problems";
import { startSession } from "../../core/session";
import { ButtonLink } from "../../design/button";
import { ErrorState } from "../../design/notices";
import { Toasts } from "../../design/toast";
import { SiteBar } from "../../site/site_bar";
import { Room } from "./room";
import { Stage } from "./stage";
import { t } from "./text";
import "./watch.css";

const room = new Room(pathId());

function Watch() {
  const [failed, setFailed] = useState<unknown>(null);

  async function enter(): Promise<void> {
    setFailed(null);
    try {
      await startSession({ guests: true });
      followMe();
      room.follow();
      await room.load();
    } catch (error) {
      setFailed(error);
    }
  }

  useEffect(() => void enter(), []);

  const error = failed ?? room.error.value;
  if (error !== null && room.show.value === null) {
    const missing = isMissing(error);
    return (
      <>
        <SiteBar />
        <main class="page">
          <ErrorState
            heading="h1"
            error={error}
            title={missing ? t("not_found") : t("not_entered")}
            {...(missing ? {} : { onRetry: () => void enter() })}
            action={
              <ButtonLink variant={missing ? "primary" : "quiet"} href="/">
                {t("back_home")}
              </ButtonLink>
            }
          />
        </main>
      </>
    );
  }
  return (
    <>
      <Stage room={room} />
      <Toasts />
    </>
  );
}

mount(Watch, () => {
  const show = room.show.value;
  return show ? `${show.title} · Nearlive` : `${t("title")} · Nearlive`;
});
