import { signal } from "@preact/signals";
import { mount } from "../../core/page";
import { Gate } from "../../work/gate";
import { RoomPage } from "./room_page";
import { Shows } from "./shows";
import "./offers.css";
import "./room.css";
import "./shelf.css";
import "./studio.css";
import { t } from "./text";

const open = signal(new URLSearchParams(location.search).get("show"));

function visit(show: string | null): void {
  history.pushState(null, "", show === null ? "/studio" : `/studio?show=${encodeURIComponent(show)}`);
  open.value = show;
}

addEventListener("popstate", () => (open.value = new URLSearchParams(location.search).get("show")));

function Studio() {
  return (
    <Gate roles={["associate"]}>
      {(me) =>
        open.value === null ? (
          <Shows me={me} onOpen={visit} />
        ) : (
          <RoomPage key={open.value} id={open.value} onLeave={() => visit(null)} />
        )
      }
    </Gate>
  );
}

mount(Studio, () => t("title"));
