/** Where to go, one place under another: the store, then the doors in their sequence. */

import type { JobStore } from "../../core/types";
import { Icon } from "../../design/icons";
import { t } from "./text";

interface StopsProps {
  store: JobStore;
  stops: readonly { id: string; text: string }[];
}

export function Stops({ store, stops }: StopsProps) {
  const many = stops.length > 1;
  return (
    <ol class="co-stops" aria-label={t("stops")} data-many={many ? "yes" : "no"}>
      <li>
        <span class="co-stops__mark">
          <Icon name="store" size={18} />
        </span>
        <span>
          <b>{store.name}</b>
          <span class="muted">{store.address}</span>
        </span>
      </li>
      {stops.map((stop, at) => (
        <li key={stop.id}>
          <span class="co-stops__mark num">{many ? at + 1 : <Icon name="home" size={18} />}</span>
          <span>
            <b>{stop.text}</b>
          </span>
        </li>
      ))}
    </ol>
  );
}
