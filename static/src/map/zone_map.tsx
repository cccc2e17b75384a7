import "leaflet/dist/leaflet.css";
import "./map.css";
import "./zone.css";

import { useEffect, useRef, useState } from "preact/hooks";

import type { Position } from "../core/types";
import { Skeleton } from "../design/progress";
import type { Board } from "./board";
import { MapTools } from "./map_tools";
import type { Zone, ZoneTold, ZoneView } from "./zone";
import { around } from "./zone_shape";

export interface ZoneMapProps extends ZoneView, ZoneTold {
  label: string;
  names: { closer: string; farther: string; all: string };
  /** Other stores, to know where one is. */
  others: readonly { name: string; position: Position }[];
}

/** Where a store is and how far it delivers, drawn by hand. All that it shows and does is beside it in fields too. */
export function ZoneMap(props: ZoneMapProps) {
  const box = useRef<HTMLDivElement>(null);
  const board = useRef<Board | null>(null);
  const zone = useRef<Zone | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [ready, setReady] = useState(false);

  useEffect(() => {
    let left = false;
    void Promise.all([import("./board"), import("./zone")]).then(([{ Board: MadeBoard }, { Zone: MadeZone }]) => {
      if (left || !box.current) return;
      const made = new MadeBoard(box.current, { centre: props.store, zoom: 13 });
      board.current = made;
      made.show(latest.current.others);
      zone.current = new MadeZone(made, () => latest.current);
      zone.current.draw(latest.current);
      zone.current.fit();
      setReady(true);
    });
    return () => {
      left = true;
      board.current?.close();
      board.current = null;
      zone.current = null;
    };
  }, []);

  useEffect(() => zone.current?.draw(props));
  useEffect(() => zone.current?.keepInSight(), [props.store.lon, props.store.lat]);
  const before = useRef(props.corners.length);
  useEffect(() => zone.current?.fit(), [props.radius, props.draws]);
  useEffect(() => {
    // One more or less was drawn; many came at once.
    if (Math.abs(props.corners.length - before.current) > 1) zone.current?.fit();
    before.current = props.corners.length;
  }, [props.corners.length]);

  return (
    <div class="n-map n-zone-map" data-testid="zone-map" data-ready={ready ? "yes" : undefined}>
      {!ready && <Skeleton height="100%" />}
      <div ref={box} class="n-map__board" role="application" aria-label={props.label} />
      {ready && <MapTools board={board} names={props.names} places={[props.store, ...(props.radius === null ? props.corners : around(props.store, props.radius))]} />}
    </div>
  );
}
