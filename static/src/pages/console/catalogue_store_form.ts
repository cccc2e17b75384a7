/** A store as its editor has it: figures as they are typed; and from there to the row that is sent. */

import type { ApiProblem } from "../../core/api";
import { distance } from "../../core/i18n";
import type { Position } from "../../core/types";
import { DAYS, type Day, type SpecialDay, type StoreEntry, type StoreRow } from "../../core/types_catalogue";
import { cornersOf, isCrossed, reach, ringOf, type Ring } from "../../map/zone_shape";
import { KEY } from "./catalogue_draft";
import { e } from "./catalogue_edit_text";
import { spansFault } from "./catalogue_spans";
import { c } from "./catalogue_text";

export interface StoreForm {
  key: string;
  name: string;
  address: string;
  phone: string;
  lon: string;
  lat: string;
  time_zone: string;
  hours: Record<Day, string[]>;
  special_days: SpecialDay[];
  reach: "radius" | "area";
  /** Kilometres. */
  radius: string;
  corners: Position[];
  holes: Ring[];
  capacity: string;
}

export type StoreFaults = Partial<Record<keyof StoreForm | Day, string>>;
export type StorePart = "facts" | "hours" | "delivery";

export const PART_OF: Readonly<Record<keyof StoreForm, StorePart>> = {
  key: "facts",
  name: "facts",
  address: "facts",
  phone: "facts",
  lon: "facts",
  lat: "facts",
  time_zone: "facts",
  hours: "hours",
  special_days: "hours",
  reach: "delivery",
  radius: "delivery",
  corners: "delivery",
  holes: "delivery",
  capacity: "delivery",
};

const CITY: Position = { lon: 121.4737, lat: 31.2304 };
const FURTHEST = 100_000;

export function formOf(row: StoreRow): StoreForm {
  const [outline = [], ...holes] = row.area?.coordinates ?? [];
  return {
    key: row.key,
    name: row.name,
    address: row.address,
    phone: row.phone,
    lon: String(row.position.lon),
    lat: String(row.position.lat),
    time_zone: row.time_zone,
    hours: row.hours,
    special_days: row.special_days,
    reach: row.area ? "area" : "radius",
    radius: row.delivery_radius_m === null ? "3" : String(row.delivery_radius_m / 1000),
    corners: cornersOf(outline),
    holes,
    capacity: row.capacity === null ? "" : String(row.capacity),
  };
}

/** A new store stands among the others. */
export function freshForm(others: readonly StoreEntry[]): StoreForm {
  const near = others[0]?.row;
  const daily = Object.fromEntries(DAYS.map((day) => [day, ["09:00-21:00"]])) as Record<Day, string[]>;
  return formOf({
    key: "",
    name: "",
    address: "",
    phone: "",
    position: near?.position ?? CITY,
    time_zone: near?.time_zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    hours: daily,
    special_days: [],
    delivery_radius_m: 3000,
    area: null,
    capacity: null,
  });
}

/** Where it is; where it was said to be before, while what is typed is no place. */
export function placeOf(form: StoreForm, otherwise: Position): Position {
  const [lon, lat] = [degree(form.lon, 180), degree(form.lat, 90)];
  return { lon: lon ?? otherwise.lon, lat: lat ?? otherwise.lat };
}

export function radiusOf(form: StoreForm): number | null {
  const text = form.radius.trim();
  const metres = /^\d{1,3}([.]\d{1,4})?$/.test(text) ? Math.round(Number(text) * 10_000) / 10 : 0;
  return metres >= 100 && metres <= FURTHEST ? metres : null;
}

function degree(text: string, most: number): number | null {
  const value = /^[-+]?\d{1,3}(\.\d{1,16})?$/.test(text.trim()) ? Number(text) : NaN;
  return Math.abs(value) <= most ? value : null;
}

function known(zone: string): boolean {
  try {
    Intl.DateTimeFormat("en", { timeZone: zone });
    return zone !== "";
  } catch {
    return false;
  }
}

function text(value: string, most: number, needed = false): string | null {
  if (needed && value.trim() === "") return e("required");
  return value.length > most ? e("too_long", { n: most }) : null;
}

function areaFault(form: StoreForm): string | null {
  if (form.corners.length < 3) return e("corners_few", { n: 3 - form.corners.length });
  if (isCrossed(form.corners)) return e("crossed");
  const far = reach(placeOf(form, CITY), form.corners);
  return far > FURTHEST ? e("area_far", { distance: distance(far) }) : null;
}

/** All that is wrong with it, by field. */
export function faultsOf(form: StoreForm): StoreFaults {
  const found: Partial<Record<keyof StoreForm | Day, string | null>> = {
    key: KEY.test(form.key) ? null : e("bad_key"),
    name: text(form.name, 200, true),
    address: text(form.address, 500, true),
    phone: text(form.phone, 40),
    lon: degree(form.lon, 180) === null ? e("bad_lon") : null,
    lat: degree(form.lat, 90) === null ? e("bad_lat") : null,
    time_zone: known(form.time_zone) ? null : e("bad_zone"),
    special_days: form.special_days.map((one) => spansFault(one.hours)).find((fault) => fault !== null) ?? null,
    radius: form.reach === "radius" && radiusOf(form) === null ? e("bad_radius") : null,
    corners: form.reach === "area" ? areaFault(form) : null,
    capacity: form.capacity.trim() === "" || /^([1-9]\d{0,3}|10000)$/.test(form.capacity.trim()) ? null : c("bad_number"),
  };
  for (const day of DAYS) {
    found[day] = spansFault(form.hours[day]);
    if (found[day]) found.hours ??= found[day];
  }
  return Object.fromEntries(Object.entries(found).filter(([, fault]) => fault)) as StoreFaults;
}

/** The row that is sent. Of a form without faults. */
export function rowOf(form: StoreForm): StoreRow {
  const inArea = form.reach === "area";
  return {
    key: form.key,
    name: form.name.trim(),
    address: form.address.trim(),
    position: placeOf(form, CITY),
    time_zone: form.time_zone,
    hours: form.hours,
    special_days: form.special_days,
    delivery_radius_m: inArea ? null : radiusOf(form),
    area: inArea ? { type: "Polygon", coordinates: [ringOf(form.corners), ...form.holes] } : null,
    capacity: form.capacity.trim() === "" ? null : Number(form.capacity),
    phone: form.phone.trim(),
  };
}

const FIELD_OF: Readonly<Record<string, keyof StoreForm>> = {
  position: "lon",
  delivery_radius_m: "radius",
  area: "corners",
};

/** Where in the form the server's refusal belongs, and its words there; null: nowhere. */
export function refusedAt(problem: ApiProblem): StoreFaults | null {
  const [first = "", second] = (problem.field ?? "").split(".");
  const field = FIELD_OF[first] ?? first;
  if (!(field in PART_OF)) return null;
  const sentences: Partial<Record<keyof StoreForm, string>> = {
    time_zone: e("bad_zone"),
    hours: c("p_bad_hours"),
    special_days: c("p_bad_date"),
    corners: e("refused_area"),
    radius: e("bad_radius"),
    capacity: c("bad_number"),
    lon: second === "lat" ? "" : e("bad_lon"),
  };
  const key = field as keyof StoreForm;
  const why = problem.code === "invalid_store" && key === "corners" ? ` (${problem.detail})` : "";
  if (key === "lon" && second === "lat") return { lat: e("bad_lat") };
  if (key === "hours" && DAYS.some((day) => day === second)) return { hours: c("p_bad_hours"), [second as Day]: c("p_bad_hours") };
  return { [key]: (sentences[key] ?? e("refused")) + why };
}

const NAMES: Readonly<Record<keyof StoreForm, () => string>> = {
  key: () => e("key"),
  name: () => e("name"),
  address: () => e("address"),
  phone: () => e("phone"),
  lon: () => e("lon"),
  lat: () => e("lat"),
  time_zone: () => e("time_zone"),
  hours: () => e("hours"),
  special_days: () => e("special_days"),
  reach: () => e("reach"),
  radius: () => e("radius"),
  corners: () => e("area"),
  holes: () => e("area"),
  capacity: () => e("capacity"),
};

export function fieldNames(fields: readonly (keyof StoreForm)[]): string {
  return [...new Set(fields.map((one) => NAMES[one]()))].join(" · ");
}
