import "leaflet/dist/leaflet.css";
import "./map.css";

import { useEffect, useRef } from "preact/hooks";

import { words } from "../core/i18n";
import type { Position } from "../core/types";
import type { Board } from "./board";
import { MapTools } from "./map_tools";

const t = words({
  zh: { hint: "移动地图，让图钉对准位置", closer: "放大", farther: "缩小" },
  en: { hint: "Move the map until the pin is at the place", closer: "Zoom in", farther: "Zoom out" },
});

export interface PlacePickerProps {
  /** Where the map is; moving this moves the map. */
  value: Position;
  zoom?: number;
  /** Stores or the like to show for orientation. */
  marks?: readonly { id: string; name: string; position: Position }[];
  onMove: (position: Position) => void;
}

/** A map that is moved under a pin in its middle: works with a thumb, a mouse and the arrow keys. */
export function PlacePicker({ value, zoom = 14, marks = [], onMove }: PlacePickerProps) {
  const box = useRef<HTMLDivElement>(null);
  const board = useRef<Board | null>(null);
  const told = useRef(value);
  const report = useRef(onMove);
  report.current = onMove;

  useEffect(() => {
    let left = false;
    void import("./board").then(({ Board: Made }) => {
      if (left || !box.current) return;
      const made = new Made(box.current, { centre: value, zoom });
      board.current = made;
      for (const mark of marks) made.pin(mark.id, "store", mark.position, mark.name);
      made.map.on("moveend", () => {
        told.current = made.centre();
        report.current(told.current);
      });
    });
    return () => {
      left = true;
      board.current?.close();
      board.current = null;
    };
  }, []);

  useEffect(() => {
    const far = Math.abs(value.lon - told.current.lon) + Math.abs(value.lat - told.current.lat) > 1e-6;
    if (far) board.current?.goTo(value, 15);
    told.current = value;
  }, [value.lon, value.lat]);

  return (
    <div class="n-map n-picker">
      <div ref={box} class="n-map__board" aria-label={t("hint")} />
      <svg class="n-picker__target" viewBox="0 0 40 50" aria-hidden="true">
        <path d="M20 48S4 32 4 18.5a16 16 0 0 1 32 0C36 32 20 48 20 48z" />
        <path d="M20 25a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13z" />
      </svg>
      <MapTools board={board} names={{ closer: t("closer"), farther: t("farther") }} />
    </div>
  );
}
