import { mount } from "../../core/page";
import { pathId } from "../../core/path";
import { followLink } from "./link";
import { Room } from "./room";
import { titleOf, Watch } from "./watch";
import "./watch.css";

const room = new Room(pathId());
void followLink(pathId());
mount(
  () => <Watch room={room} />,
  () => titleOf(room),
);
