/** The fleet on a map: stores with open orders, doors, couriers, and paused areas. All of it is said in words beside. */

import "leaflet/dist/leaflet.css";
import "../../map/map.css";

import { useEffect, useRef, useState } from "preact/hooks";
import type { Position } from "../../core/types";
import type { FleetNow } from "../../core/types_fleet";
import { Skeleton } from "../../design/progress";
import type { Board } from "../../map/board";
import { MapTools } from "../../map/map_tools";
import { f } from "./fleet_text";

const CITY: Position = { lon: 121.4737, lat: 31.2304 };

interface FleetMapProps {
  now: FleetNow;
  /** The job whose way is drawn. */
  chosen: string | null;
  /** The radius of the area that is about to be paused, around the middle; null: none is. */
  planned: number | null;
  onMiddle: (middle: Position) => void;
}

export function FleetMap({ now, chosen, planned, onMiddle }: FleetMapProps) {
  const box = useRef<HTMLDivElement>(null);
  const board = useRef<Board | null>(null);
  const drawn = useRef<Set<string>>(new Set());
  const [ready, setReady] = useState(false);
  const places = placesOf(now);

  useEffect(() => {
    let left = false;
    void import("../../map/board").then(({ Board: Made }) => {
      if (left || !box.current) return;
      const made = new Made(box.current, { centre: places[0] ?? CITY, zoom: 13 });
      board.current = made;
      made.fit(places, false);
      made.map.on("move", () => onMiddle(made.centre()));
      onMiddle(made.centre());
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
    if (!made || !ready) return;
    const seen = new Set<string>();
    const pin = (id: string, ...rest: [Parameters<Board["pin"]>[1], Position, string, string?]) => {
      seen.add(id);
      made.pin(id, ...rest);
    };
    for (const job of now.jobs) {
      if (job.status !== "collected" && job.status !== "arriving") pin(`s:${job.store_name}`, "store", job.store_position, job.store_name);
      pin(`d:${job.job_id}`, "home", job.drop_off, job.order_number);
    }
    for (const rider of now.couriers) {
      if (rider.position) pin(`c:${rider.courier_id}`, "courier", rider.position, rider.name, rider.carries > 0 ? String(rider.carries) : undefined);
    }
    for (const id of drawn.current) if (!seen.has(id)) made.unpin(id);
    drawn.current = seen;
    made.circles(now.areas.map((area) => ({ at: area.centre, radius: area.radius_m })));
    if (!made.held && planned === null) made.fit(places);
  }, [ready, now]);

  useEffect(() => {
    const made = board.current;
    if (!made || !ready) return;
    const job = now.jobs.find((one) => one.job_id === chosen);
    made.unway("chosen");
    if (!job) return;
    const from = job.courier_id && drawn.current.has(`c:${job.courier_id}`) ? `c:${job.courier_id}` : `s:${job.store_name}`;
    const behind = job.status === "collected" || job.status === "arriving" || from.startsWith("s:");
    made.way("chosen", from, behind ? [job.drop_off] : [job.store_position, job.drop_off]);
  }, [ready, now, chosen]);

  useEffect(() => {
    board.current?.plan(planned);
  }, [ready, planned]);

  return (
    <div class="n-map cs-fleet__map" data-testid="fleet-map" data-couriers={now.couriers.filter((one) => one.position).length}>
      {!ready && <Skeleton height="100%" />}
      <div ref={box} class="n-map__board" role="application" aria-label={f("map")} />
      {ready && <MapTools board={board} names={{ closer: f("closer"), farther: f("farther"), all: f("all") }} places={places} />}
    </div>
  );
}

function placesOf(now: FleetNow): Position[] {
  return [
    ...now.jobs.flatMap((job) => [job.store_position, job.drop_off]),
    ...now.couriers.flatMap((one) => (one.position ? [one.position] : [])),
    ...now.areas.map((one) => one.centre),
  ];
}
