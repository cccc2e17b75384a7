/**
 * A Leaflet map over our own vector base: streets where we have drawn them, rings of distance anywhere else, or tiles where the
 * operator has set some. Loaded only when a map is opened: `await import("../map/board")`.
 */

import * as L from "leaflet";

import { get } from "../core/api";
import { distance, lang } from "../core/i18n";
import type { Position } from "../core/types";
import { Glide, metres, ringsFor } from "./glide";
import { COURSES, covers, LABELS, PARKS } from "./shanghai";

export interface BoardOptions {
  centre: Position;
  zoom?: number;
  /** Without it the map is a picture: no panning, no zooming. */
  interactive?: boolean;
  /** What rings of distance are drawn around, where there are no streets; the first centre without it. */
  around?: Position;
}

interface Tiles {
  url: string | null;
  attribution: string;
}

let tiles: Promise<Tiles> | null = null;

/** Asked for once a page. Without an answer there are none. */
function tilesOf(): Promise<Tiles> {
  tiles ??= get<Tiles>("/api/map", {}, { anonymous: true }).catch(() => ({ url: null, attribution: "" }));
  return tiles;
}

/** So many tiles that fail before any has come, and the map is drawn without them. */
const FAILED = 4;
/** As near as a map comes by itself. */
const CLOSEST = 16;
/** Names of places are to be read from this zoom on. */
const NAMED = 14;

export type PinKind = "store" | "home" | "courier" | "show";

const PIN_SHAPES: Readonly<Record<PinKind, string>> = {
  store: "M4 10l1.5-5.5h13L20 10M5.5 12.5V20h13v-7.5M4 10h16",
  home: "M4 11.5L12 4l8 7.5M6 10v10h12V10",
  courier: "M6 19a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM18.5 19a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM8.5 16.5H14L16.5 7H13M14 16.5c.5-2.5 2.2-4 4.5-4M3 12h6.5",
  show: "M7.5 4.8v14.4l12.5-7.2z",
};

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

interface Drawing {
  _ctx?: CanvasRenderingContext2D;
}

const drawn = L.Canvas.prototype as unknown as { _redraw(this: Drawing): void };
/** An animation that ends after the map was taken away draws once more, on a canvas that is gone: Leaflet does not ask. */
const LastingCanvas = L.Canvas.extend({
  _redraw(this: Drawing) {
    if (this._ctx) drawn._redraw.call(this);
  },
}) as unknown as new (options: L.RendererOptions) => L.Canvas;

function latLng(position: Position): L.LatLngTuple {
  return [position.lat, position.lon];
}

export class Board {
  readonly map: L.Map;
  private readonly base: L.LayerGroup = L.layerGroup();
  private readonly renderer: L.Canvas = new LastingCanvas({ padding: 0.5 });
  private readonly markers = new Map<string, L.Marker>();
  private readonly glides = new Map<string, Glide>();
  private readonly trails = new Map<string, { from: string; places: readonly Position[] }>();
  private readonly lines = new Map<string, L.Polyline>();
  private readonly places: L.LayerGroup = L.layerGroup();
  private readonly areas: L.LayerGroup = L.layerGroup();
  private planned: L.Circle | null = null;
  private readonly around: Position;
  private frame = 0;
  private tiled = false;
  private closed = false;
  /** The person has moved it: it does not move by itself any more. */
  held = false;
  private readonly watcher: MutationObserver;
  private readonly sizes: ResizeObserver;

  constructor(element: HTMLElement, options: BoardOptions) {
    const able = options.interactive ?? true;
    this.map = L.map(element, {
      center: latLng(options.centre),
      zoom: options.zoom ?? 14,
      minZoom: 10,
      maxZoom: 18,
      zoomControl: false,
      attributionControl: false,
      dragging: able,
      scrollWheelZoom: able,
      touchZoom: able,
      doubleClickZoom: able,
      keyboard: able,
      boxZoom: false,
    });
    this.around = options.around ?? options.centre;
    this.base.addTo(this.map);
    this.places.addTo(this.map);
    this.areas.addTo(this.map);
    this.map.on("move", () => this.planned?.setLatLng(this.map.getCenter()));
    L.control.scale({ imperial: false, maxWidth: 90, position: "bottomleft" }).addTo(this.map);
    this.drawBase();
    this.map.on("zoomend", () => this.drawBase());
    this.map.on("moveend", () => this.onLand() || this.drawBase());
    this.map.on("dragstart", () => (this.held = true));
    void tilesOf().then((found) => this.tile(found));
    this.watcher = new MutationObserver(() => this.drawBase());
    this.watcher.observe(document.documentElement, { attributeFilter: ["data-theme", "lang"] });
    this.sizes = new ResizeObserver(() => this.map.invalidateSize({ pan: false }));
    this.sizes.observe(element);
  }

  close(): void {
    this.closed = true;
    cancelAnimationFrame(this.frame);
    this.watcher.disconnect();
    this.sizes.disconnect();
    this.map.stop();
    this.map.remove();
  }

  /**
   * Shows a pin, or moves it; a moving one glides there unless motion is unwanted. `mark`: a character in place of the shape.
   * `measured`: when the place was measured (ms), so that it glides as fast as was ridden.
   */
  pin(id: string, kind: PinKind, position: Position, name: string, mark?: string, measured: number | null = null): void {
    const marker = this.markers.get(id);
    const glide = this.glides.get(id);
    if (!marker || !glide) {
      const icon = L.divIcon({ className: `n-pin n-pin--${kind}`, html: mark === undefined ? pinShape(kind) : pinMark(mark), iconSize: [40, 40], iconAnchor: [20, 20] });
      const placed = L.marker(latLng(position), { icon, keyboard: false, alt: name, title: name, zIndexOffset: kind === "courier" ? 500 : 0 });
      this.markers.set(id, placed.addTo(this.map));
      this.glides.set(id, new Glide(position, measured));
      return;
    }
    if (!glide.push(position, measured, performance.now())) return;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches || document.hidden) glide.arrive();
    this.play();
  }

  /** The way that is still to go, as the crow flies: from pin to place to place. It follows the pin. */
  way(id: string, from: string, places: readonly Position[]): void {
    this.unway(id);
    const start = this.markers.get(from)?.getLatLng();
    if (!start || places.length === 0) return;
    const line = L.polyline([start, ...places.map(latLng)], { className: "n-map-way", interactive: false, weight: 3 });
    this.lines.set(id, line.addTo(this.map));
    line.bringToBack();
    this.trails.set(id, { from, places });
  }

  unway(id: string): void {
    this.lines.get(id)?.remove();
    this.lines.delete(id);
    this.trails.delete(id);
  }

  /** Places for orientation: a dot and a name each. */
  show(places: readonly { name: string; position: Position }[]): void {
    this.places.clearLayers();
    for (const { name, position } of places) {
      const text = document.createElement("span");
      text.textContent = name;
      const icon = L.divIcon({ className: "n-map-place", html: text, iconSize: [0, 0] });
      L.marker(latLng(position), { icon, interactive: false, keyboard: false, zIndexOffset: -900 }).addTo(this.places);
    }
  }

  /** Circles (radius in m) that are shaded. */
  circles(all: readonly { at: Position; radius: number }[]): void {
    this.areas.clearLayers();
    for (const { at, radius } of all) L.circle(latLng(at), { radius, className: "n-map-area", interactive: false }).addTo(this.areas);
  }

  /** A circle that stays around the middle while the map moves; null takes it away. */
  plan(radius: number | null): void {
    this.planned?.remove();
    this.planned = null;
    if (radius === null) return;
    this.planned = L.circle(this.map.getCenter(), { radius, className: "n-map-area n-map-area--planned", interactive: false }).addTo(this.map);
    this.map.fitBounds(this.planned.getBounds(), { padding: [16, 16] });
  }

  unpin(id: string): void {
    this.markers.get(id)?.remove();
    this.markers.delete(id);
    this.glides.delete(id);
  }

  /** `around`: room between them and the edge, px. */
  fit(positions: readonly Position[], animate = true, around = 48): void {
    if (positions.length === 0) return;
    this.map.fitBounds(L.latLngBounds(positions.map(latLng)), { padding: [around, around], maxZoom: CLOSEST, animate });
  }

  /** Whether these are all to be seen, and not as a small heap. */
  frames(positions: readonly Position[]): boolean {
    const size = this.map.getSize();
    const points = positions.map((position) => this.map.latLngToContainerPoint(latLng(position)));
    const inside = points.every(({ x, y }) => x > 16 && y > 16 && x < size.x - 16 && y < size.y - 16);
    const [wide, high] = [spread(points.map(({ x }) => x)), spread(points.map(({ y }) => y))];
    return inside && (this.map.getZoom() >= CLOSEST || wide > size.x / 4 || high > size.y / 4);
  }

  centre(): Position {
    const { lat, lng } = this.map.getCenter();
    return { lon: lng, lat };
  }

  goTo(position: Position, zoom?: number): void {
    this.map.setView(latLng(position), zoom ?? this.map.getZoom());
  }

  /** One picture of all that moves, until nothing does. */
  private play(): void {
    cancelAnimationFrame(this.frame);
    const now = performance.now();
    let moving = false;
    for (const [id, glide] of this.glides) {
      this.markers.get(id)?.setLatLng(latLng(glide.at(now)));
      moving ||= glide.moving(now);
    }
    for (const [id, { from, places }] of this.trails) {
      const start = this.markers.get(from)?.getLatLng();
      if (start) this.lines.get(id)?.setLatLngs([start, ...places.map((place) => L.latLng(latLng(place)))]);
    }
    if (moving) this.frame = requestAnimationFrame(() => this.play());
  }

  /** Streets that others have drawn. Where they do not come, ours stay. */
  private tile({ url, attribution }: Tiles): void {
    if (this.closed || url === null) return;
    let failed = 0;
    let came = false;
    const layer = L.tileLayer(url, { maxZoom: 19, detectRetina: true, className: "n-map-tiles" });
    const credit = L.control.attribution({ prefix: false, position: "bottomright" }).addAttribution(attribution.replace(/[<>&"]/g, ""));
    layer.on("tileload", () => {
      if (came) return;
      came = this.tiled = true;
      this.map.addControl(credit);
      this.drawBase();
    });
    layer.on("tileerror", () => {
      failed += 1;
      if (!came && failed >= FAILED) layer.remove();
    });
    layer.addTo(this.map);
  }

  /** Whether what is seen lies on the streets that we have drawn. */
  private onLand(): boolean {
    return this.tiled || covers(this.centre());
  }

  /** Rings of distance, for ground of which nothing is known. */
  private drawRings(): void {
    const bounds = this.map.getBounds();
    const across = metres({ lon: bounds.getWest(), lat: this.centre().lat }, { lon: bounds.getEast(), lat: this.centre().lat });
    for (const radius of ringsFor(across)) {
      L.circle(latLng(this.around), { radius, className: "n-map-ring", interactive: false, fill: false, weight: 1.5 }).addTo(this.base);
      const text = document.createElement("span");
      text.textContent = distance(radius);
      const icon = L.divIcon({ className: "n-map-label", html: text, iconSize: [0, 0] });
      L.marker([this.around.lat + radius / 111_195, this.around.lon], { icon, interactive: false, keyboard: false, zIndexOffset: -1000 }).addTo(this.base);
    }
  }

  /** Widths are in metres on the ground, so the base is drawn anew for each zoom. */
  private drawBase(): void {
    this.base.clearLayers();
    const zoom = this.map.getZoom();
    this.map.getContainer().style.background = colour("--map-land");
    this.map.getContainer().classList.toggle("n-map--far", zoom < NAMED);
    if (this.tiled) return;
    if (!this.onLand()) {
      this.drawRings();
      return;
    }
    const onePixel = (156_543.03 * Math.cos((this.centre().lat * Math.PI) / 180)) / 2 ** zoom;
    const renderer = this.renderer;
    for (const park of PARKS) {
      const ring = park.map(([lon, lat]): L.LatLngTuple => [lat, lon]);
      L.polygon(ring, { renderer, stroke: false, fillOpacity: 1, fillColor: colour("--map-green"), interactive: false }).addTo(this.base);
    }
    for (const { kind, width, line } of COURSES) {
      const path = line.map(([lon, lat]): L.LatLngTuple => [lat, lon]);
      const water = kind === "river" || kind === "creek";
      const weight = Math.max(water ? 2 : 1.5, width / onePixel);
      const look = { renderer, interactive: false, lineCap: "round", lineJoin: "round" } as const;
      if (!water) L.polyline(path, { ...look, color: colour("--map-road-edge"), weight: weight + 2 }).addTo(this.base);
      L.polyline(path, { ...look, color: colour(water ? "--map-water" : "--map-road"), weight }).addTo(this.base);
    }
    for (const label of LABELS) {
      if (zoom < label.zoom) continue;
      const text = document.createElement("span");
      text.textContent = label[lang.peek()];
      const icon = L.divIcon({ className: "n-map-label", html: text, iconSize: [0, 0] });
      L.marker([label.at[1], label.at[0]], { icon, interactive: false, keyboard: false, zIndexOffset: -1000 }).addTo(this.base);
    }
  }
}

function spread(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}

function pinMark(mark: string): HTMLElement {
  const box = document.createElement("span");
  box.className = "n-pin__mark";
  box.textContent = mark;
  return box;
}

export function pinShape(kind: PinKind): HTMLElement {
  const box = document.createElement("span");
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "n-pin__shape");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PIN_SHAPES[kind]);
  svg.append(path);
  box.append(svg);
  return box;
}
