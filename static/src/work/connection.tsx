/** A bar that says when the page has lost the server, after a moment's grace so that short gaps do not flicker. */

import { useEffect, useState } from "preact/hooks";
import { socket } from "../core/socket";
import { Icon } from "../design/icons";
import { t } from "./text";

const GRACE = 1_500;

export function ConnectionBar() {
  const state = socket.state.value;
  const lost = state === "waiting" || state === "offline";
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!lost) {
      setShown(false);
      return undefined;
    }
    const timer = setTimeout(() => setShown(true), GRACE);
    return () => clearTimeout(timer);
  }, [lost]);
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
