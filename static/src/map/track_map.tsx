import "leaflet/dist/leaflet.css";
import "./map.css";

import { useEffect, useRef, useState } from "preact/hooks";

import { get } from "../core/api";
import type { Position, Store } from "../core/types";
import { Skeleton } from "../design/progress";
import type { Board } from "./board";
import { metres } from "./glide";
import { MapTools } from "./map_tools";

export interface TrackMapProps {
  store: Position;
  home: Position;
  courier: Position | null;
  /** When the courier's place was measured. */
  measured: string | null;
  /** The goods are with the courier: the store is behind. */
  collected: boolean;
  names: { map: string; store: string; home: string; courier: string; all: string; closer: string; farther: string };
}

/** Stores nearer than this (m) to one that is shown are that one. */
const SAME = 40;

/** Store, home, and the courier moving between them. What it shows is said in words beside it. */
export function TrackMap({ store, home, courier, measured, collected, names }: TrackMapProps) {
  const box = useRef<HTMLDivElement>(null);
  const board = useRef<Board | null>(null);
  const [ready, setReady] = useState(false);
  const shown = [...(collected && courier ? [] : [store]), home, ...(courier ? [courier] : [])];

  useEffect(() => {
    let left = false;
    void import("./board").then(({ Board: Made }) => {
      if (left || !box.current) return;
      const made = new Made(box.current, { centre: store, around: home });
      board.current = made;
      made.fit(shown, false);
      setReady(true);
      void get<{ items: Store[] }>("/api/stores", { lon: home.lon, lat: home.lat })
        .then(({ items }) => !left && made.show(items.filter(({ position }) => metres(position, store) > SAME)))
        .catch(() => undefined);
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
    if (courier) made.pin("courier", "courier", courier, names.courier, undefined, measured === null ? null : Date.parse(measured));
    else made.unpin("courier");
    if (courier) made.way("way", "courier", collected ? [home] : [store, home]);
    else made.way("way", "store", [home]);
    if (courier && !made.held && !made.frames(shown)) made.fit(shown);
  }, [ready, store.lon, store.lat, home.lon, home.lat, courier?.lon, courier?.lat, measured, collected]);

  useEffect(() => {
    if (!board.current?.held) board.current?.fit(shown);
  }, [collected, courier === null]);

  return (
    <div class="n-map n-track-map" data-testid="track-map" data-courier={courier ? `${courier.lon},${courier.lat}` : undefined}>
      {!ready && <Skeleton height="100%" />}
      <div ref={box} class="n-map__board" role="application" aria-label={names.map} />
      {ready && <MapTools board={board} names={names} places={shown} />}
    </div>
  );
}
