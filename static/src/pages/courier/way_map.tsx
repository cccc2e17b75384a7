/** The way of an offer or of a delivery: the courier, the store, and the doors in their sequence. */

import "leaflet/dist/leaflet.css";
import "../../map/map.css";

import { useEffect, useRef, useState } from "preact/hooks";

import type { Position } from "../../core/types";
import { Skeleton } from "../../design/progress";
import type { Board } from "../../map/board";
import { t } from "./text";

/** The map is low: half a pin and a little, px. */
const ROOM = 30;

interface WayMapProps {
  /** Null once everything has been fetched there. */
  store: Position | null;
  doors: readonly { id: string; position: Position; name: string }[];
  here: Position | null;
}

export function WayMap({ store, doors, here }: WayMapProps) {
  const box = useRef<HTMLDivElement>(null);
  const board = useRef<Board | null>(null);
  const [ready, setReady] = useState(false);
  const places = [...(store ? [store] : []), ...doors.map((door) => door.position)];
  const shown = places.map(({ lon, lat }) => `${lon},${lat}`).join(" ");

  useEffect(() => {
    let left = false;
    const centre = places[0] ?? here;
    if (!centre) return undefined;
    void import("../../map/board").then(({ Board: Made }) => {
      if (left || !box.current) return;
      board.current = new Made(box.current, { centre, interactive: false });
      setReady(true);
    });
    return () => {
      left = true;
      board.current?.close();
      board.current = null;
    };
  }, []);

  useEffect(() => {
    const made = board.current;
    if (!made) return;
    if (store) made.pin("store", "store", store, t("map_store"));
    else made.unpin("store");
    // Where there are several, their numbers are those of the list beside the map.
    doors.forEach(({ id, position, name }, at) => made.pin(id, "home", position, name, doors.length > 1 ? String(at + 1) : undefined));
    made.fit(here ? [...places, here] : places, false, ROOM);
    return () => {
      for (const { id } of doors) made.unpin(id);
    };
  }, [ready, shown]);

  useEffect(() => {
    const made = board.current;
    if (!made) return;
    if (!here) {
      made.unpin("courier");
      return;
    }
    made.pin("courier", "courier", here, t("map_me"));
    if (!made.map.getBounds().pad(-0.08).contains([here.lat, here.lon])) made.fit([...places, here], true, ROOM);
  }, [ready, here?.lon, here?.lat]);

  return (
    <div class="n-map co-map" data-testid="way-map">
      {!ready && <Skeleton height="100%" />}
      <div ref={box} class="n-map__board" role="img" aria-label={t("map")} />
    </div>
  );
}
