import "leaflet/dist/leaflet.css";
import "./map.css";

import { useEffect, useRef, useState } from "preact/hooks";

import type { Position } from "../core/types";
import { Skeleton } from "../design/progress";
import type { Board } from "./board";

export interface TrackMapProps {
  store: Position;
  home: Position;
  courier: Position | null;
  names: { map: string; store: string; home: string; courier: string };
}

/** Store, home, and the courier moving between them. */
export function TrackMap({ store, home, courier, names }: TrackMapProps) {
  const box = useRef<HTMLDivElement>(null);
  const board = useRef<Board | null>(null);
  const [ready, setReady] = useState(false);

  useEffect(() => {
    let left = false;
    void import("./board").then(({ Board: Made }) => {
      if (left || !box.current) return;
      board.current = new Made(box.current, { centre: store });
      board.current.fit(courier ? [store, home, courier] : [store, home], false);
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
    made.pin("store", "store", store, names.store);
    made.pin("home", "home", home, names.home);
    if (!courier) {
      made.unpin("courier");
      return;
    }
    made.pin("courier", "courier", courier, names.courier);
    if (!made.map.getBounds().pad(-0.08).contains([courier.lat, courier.lon])) made.fit([store, home, courier]);
  }, [ready, store.lon, store.lat, home.lon, home.lat, courier?.lon, courier?.lat]);

  return (
    <div class="n-map n-track-map" data-testid="track-map" data-courier={courier ? `${courier.lon},${courier.lat}` : undefined}>
      {!ready && <Skeleton height="100%" />}
      <div ref={box} class="n-map__board" role="img" aria-label={names.map} />
    </div>
  );
}
