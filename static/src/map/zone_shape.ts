/** The geometry of a delivery area that is drawn by hand. Corners are those of an open ring: the last is not the first again. */

import type { Position } from "../core/types";
import { metres } from "./glide";

/** Metres of a degree of latitude. */
const DEGREE = 111_195;
/** Figures after the point that a place on the ground needs: a tenth of a metre. */
const FINE = 1e6;

/** More corners than this are shown, but not moved by hand. */
export const MOST_HANDLES = 60;

export type Ring = [number, number][];

export function rounded(place: Position): Position {
  return { lon: Math.round(place.lon * FINE) / FINE, lat: Math.round(place.lat * FINE) / FINE };
}

/** Corners on a circle: what to begin with. */
export function around(centre: Position, radius: number, count = 8): Position[] {
  const flat = Math.cos((centre.lat * Math.PI) / 180);
  return Array.from({ length: count }, (_, at) => {
    const angle = (2 * Math.PI * (at + 0.5)) / count;
    return rounded({
      lon: centre.lon + (Math.sin(angle) * radius) / (DEGREE * flat),
      lat: centre.lat + (Math.cos(angle) * radius) / DEGREE,
    });
  });
}

type Turn = (one: Position, other: Position, third: Position) => number;
const turn: Turn = (one, other, third) =>
  Math.sign((other.lon - one.lon) * (third.lat - one.lat) - (other.lat - one.lat) * (third.lon - one.lon));

function crosses(a: Position, b: Position, c: Position, d: Position): boolean {
  return turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0;
}

/** Whether the outline crosses itself. */
export function isCrossed(corners: readonly Position[]): boolean {
  const edges = corners.map((corner, at) => [corner, corners[(at + 1) % corners.length] as Position] as const);
  return edges.some(([a, b], at) => edges.slice(at + 2).some(([c, d]) => crosses(a, b, c, d)));
}

/** Before which corner a new one belongs, so that the outline grows least. */
export function placeFor(corners: readonly Position[], fresh: Position): number {
  if (corners.length < 3) return corners.length;
  let best = corners.length;
  let least = Infinity;
  corners.forEach((corner, at) => {
    const next = corners[(at + 1) % corners.length] as Position;
    const more = metres(corner, fresh) + metres(fresh, next) - metres(corner, next);
    if (more < least) [least, best] = [more, at + 1];
  });
  return best;
}

export function between(one: Position, other: Position): Position {
  return rounded({ lon: (one.lon + other.lon) / 2, lat: (one.lat + other.lat) / 2 });
}

/** Square kilometres, of a piece of ground that is small enough to be flat. */
export function squareKilometres(corners: readonly Position[]): number {
  const origin = corners[0];
  if (!origin) return 0;
  const flat = Math.cos((origin.lat * Math.PI) / 180);
  const points = corners.map((one) => [(one.lon - origin.lon) * DEGREE * flat, (one.lat - origin.lat) * DEGREE] as const);
  const twice = points.reduce((sum, [x, y], at) => {
    const [nextX, nextY] = points[(at + 1) % points.length] as readonly [number, number];
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.abs(twice) / 2e6;
}

/** How far the furthest corner is, m. */
export function reach(centre: Position, corners: readonly Position[]): number {
  return Math.max(0, ...corners.map((corner) => metres(centre, corner)));
}

export function ringOf(corners: readonly Position[]): Ring {
  const ring = corners.map(({ lon, lat }): [number, number] => [lon, lat]);
  return ring[0] ? [...ring, ring[0]] : [];
}

export function cornersOf(ring: Ring): Position[] {
  return ring.slice(0, -1).map(([lon, lat]) => ({ lon, lat }));
}

export type PastedFault = "not_json" | "not_polygon" | "several" | "bad_corner";

/** The rings of what was pasted: a GeoJSON polygon, or a feature of one; closed if they are not. */
export function ringsFrom(text: string): { rings: Ring[] } | { fault: PastedFault } {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return { fault: "not_json" };
  }
  let shape = found as { type?: unknown; features?: unknown; geometry?: unknown; coordinates?: unknown } | null;
  if (shape?.type === "FeatureCollection" && Array.isArray(shape.features)) {
    if (shape.features.length !== 1) return { fault: "several" };
    shape = shape.features[0] as typeof shape;
  }
  if (shape?.type === "Feature") shape = shape.geometry as typeof shape;
  let rings = shape?.coordinates;
  if (shape?.type === "MultiPolygon" && Array.isArray(rings)) {
    if (rings.length !== 1) return { fault: "several" };
    rings = rings[0];
  } else if (shape?.type !== "Polygon") return { fault: "not_polygon" };
  if (!Array.isArray(rings) || rings.length === 0) return { fault: "not_polygon" };
  const read: Ring[] = [];
  for (const ring of rings as unknown[]) {
    if (!Array.isArray(ring) || ring.length < 3 || !ring.every(isCorner)) return { fault: "bad_corner" };
    const points = (ring as number[][]).map(([lon, lat]): [number, number] => [lon as number, lat as number]);
    const [first, last] = [points[0], points.at(-1)];
    if (first && (first[0] !== last?.[0] || first[1] !== last[1])) points.push(first);
    read.push(points);
  }
  return { rings: read };
}

function isCorner(corner: unknown): boolean {
  if (!Array.isArray(corner) || corner.length < 2) return false;
  const [lon, lat] = corner as unknown[];
  return typeof lon === "number" && typeof lat === "number" && Math.abs(lon) <= 180 && Math.abs(lat) <= 90;
}
