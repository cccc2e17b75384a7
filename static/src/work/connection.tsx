/** A bar that says when the page has lost the server, after a moment's grace so that short gaps do not flicker. */

import { useEffect, useState } from "preact/hooks";
import { socket } from "../core/socket";
import { Icon } from "../design/icons";
import { t } from "./text";

const GRACE = 1_500;

/** Whether the server has been out of reach for longer than `grace` ms. */
export function useLost(grace: number): boolean {
  const state = socket.state.value;
  const lost = state === "waiting" || state === "offline";
  const [long, setLong] = useState(false);
  useEffect(() => {
    if (!lost) {
      setLong(false);
      return undefined;
    }
    const timer = setTimeout(() => setLong(true), grace);
    return () => clearTimeout(timer);
  }, [lost]);
  return long;
}

export function ConnectionBar() {
  const state = socket.state.value;
  const shown = useLost(GRACE);
  return (
    <div class="w-connection" role="status" data-shown={shown ? "yes" : "no"}>
      {shown && (
        <span>
          <Icon name="signal-off" size={16} />
          {state === "offline" ? t("offline") : t("reconnecting")}
        </span>
      )}
    </div>
  );
}
