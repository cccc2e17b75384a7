/** The page of a show, on its own or over the list that it was opened from. */

import { useEffect, useRef, useState } from "preact/hooks";

import { followMe } from "../../buying/my_orders";
import { isMissing } from "../../core/problems";
import { startSession } from "../../core/session";
import { ButtonLink } from "../../design/button";
import { ErrorState } from "../../design/notices";
import { Toasts } from "../../design/toast";
import { SiteBar } from "../../site/site_bar";
import type { Room } from "./room";
import { Stage } from "./stage";
import { t } from "./text";

export function Watch({ room }: { room: Room }) {
  const [failed, setFailed] = useState<unknown>(null);
  const unfollow = useRef<() => void>(() => undefined);

  async function enter(): Promise<void> {
    setFailed(null);
    try {
      // What anybody may see need not wait for who we are.
      const loading = room.load();
      await startSession({ guests: true });
      followMe();
      unfollow.current = room.follow();
      await loading;
    } catch (error) {
      setFailed(error);
    }
  }

  useEffect(() => {
    void enter();
    return () => unfollow.current();
  }, [room]);

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

/** The title of its window. */
export function titleOf(room: Room): string {
  const show = room.show.value;
  return show ? `${show.title} · Nearlive` : `${t("title")} · Nearlive`;
}
