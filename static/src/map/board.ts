/** A Leaflet map over our own vector base. Loaded only when a map is opened: `await import("../map/board")`. */

import * as L from "leaflet";

import { lang } from "../core/i18n";
import type { Position } from "../core/types";
import { COURSES, LABELS, PARKS } from "./shanghai";

export interface BoardOptions {
  centre: Position;
  zoom?: number;
  /** Without it the map is a picture: no panning, no zooming. */
  interactive?: boolean;
}

export type PinKind = "store" | "home" | "courier" | "show";

const PIN_SHAPES: Readonly<Record<PinKind, string>> = {
  store: "M4 10l1.5-5.5h13L20 10M5.5 12.5V20h13v-7.5M4 10h16",
  home: "M4 11.5L12 4l8 7.5M6 10v10h12V10",
  courier: "M6 19a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM18.5 19a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM8.5 16.5H14L16.5 7H13M14 16.5c.5-2.5 2.2-4 4.5-4M3 12h6.5",
  show: "M7.5 4.8v14.4l12.5-7.2z",
};

const GLIDE_MS = 1800;

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function latLng(position: Position): L.LatLngTuple {
  return [position.lat, position.lon];
}

export class Board {
  readonly map: L.Map;
  private readonly base: L.LayerGroup = L.layerGroup();
  private readonly renderer = L.canvas({ padding: 0.5 });
  private readonly markers = new Map<string, L.Marker>();
  private readonly glides = new Map<string, number>();
  private readonly watcher: MutationObserver;
  private readonly sizes: ResizeObserver;

  constructor(element: HTMLElement, options: BoardOptions) {
    const able = options.interactive ?? true;
    this.map = L.map(element, {
      center: latLng(options.centre),
      zoom: options.zoom ?? 14,
      minZoom: 10,
      maxZoom: 17,
      zoomControl: false,
      attributionControl: false,
      dragging: able,
      scrollWheelZoom: able,
      touchZoom: able,
      doubleClickZoom: able,
      keyboard: able,
      boxZoom: false,
    });
    this.base.addTo(this.map);
    this.drawBase();
    this.map.on("zoomend", () => this.drawBase());
    this.watcher = new MutationObserver(() => this.drawBase());
    this.watcher.observe(document.documentElement, { attributeFilter: ["data-theme", "lang"] });
    this.sizes = new ResizeObserver(() => this.map.invalidateSize({ pan: false }));
    this.sizes.observe(element);
  }

  close(): void {
    for (const frame of this.glides.values()) cancelAnimationFrame(frame);
    this.watcher.disconnect();
    this.sizes.disconnect();
    this.map.remove();
  }

  /** Shows a pin, or moves it; a moving one glides there unless motion is unwanted. `mark`: a character in place of the shape. */
  pin(id: string, kind: PinKind, position: Position, name: string, mark?: string): void {
    const marker = this.markers.get(id);
    if (!marker) {
      const icon = L.divIcon({ className: `n-pin n-pin--${kind}`, html: mark === undefined ? pinShape(kind) : pinMark(mark), iconSize: [40, 40], iconAnchor: [20, 20] });
      const placed = L.marker(latLng(position), { icon, keyboard: false, alt: name, title: name, zIndexOffset: kind === "courier" ? 500 : 0 });
      this.markers.set(id, placed.addTo(this.map));
    } else {
      this.glide(id, marker, position);
    }
  }

  unpin(id: string): void {
    this.markers.get(id)?.remove();
    this.markers.delete(id);
  }

  /** `around`: room between them and the edge, px. */
  fit(positions: readonly Position[], animate = true, around = 48): void {
    if (positions.length === 0) return;
    this.map.fitBounds(L.latLngBounds(positions.map(latLng)), { padding: [around, around], maxZoom: 15, animate });
  }

  centre(): Position {
    const { lat, lng } = this.map.getCenter();
    return { lon: lng, lat };
  }

  goTo(position: Position, zoom?: number): void {
    this.map.setView(latLng(position), zoom ?? this.map.getZoom());
  }

  private glide(id: string, marker: L.Marker, position: Position): void {
    cancelAnimationFrame(this.glides.get(id) ?? 0);
    const from = marker.getLatLng();
    const to = L.latLng(latLng(position));
    if (from.equals(to)) return;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches || document.hidden) {
      marker.setLatLng(to);
      return;
    }
    const start = performance.now();
    const step = (now: number) => {
      const part = Math.min(1, (now - start) / GLIDE_MS);
      marker.setLatLng([from.lat + (to.lat - from.lat) * part, from.lng + (to.lng - from.lng) * part]);
      if (part < 1) this.glides.set(id, requestAnimationFrame(step));
    };
    this.glides.set(id, requestAnimationFrame(step));
  }

  /** Widths are in metres on the ground, so the base is drawn anew for each zoom. */
  private drawBase(): void {
    this.base.clearLayers();
    const zoom = this.map.getZoom();
    const metres = (156_543.03 * Math.cos((31.23 * Math.PI) / 180)) / 2 ** zoom;
    this.map.getContainer().style.background = colour("--map-land");
    const renderer = this.renderer;
    for (const park of PARKS) {
      const ring = park.map(([lon, lat]): L.LatLngTuple => [lat, lon]);
      L.polygon(ring, { renderer, stroke: false, fillOpacity: 1, fillColor: colour("--map-green"), interactive: false }).addTo(this.base);
    }
    for (const { kind, width, line } of COURSES) {
      const path = line.map(([lon, lat]): L.LatLngTuple => [lat, lon]);
      const water = kind === "river" || kind === "creek";
      const weight = Math.max(water ? 2 : 1.5, width / metres);
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

function pinMark(mark: string): HTMLElement {
  const box = document.createElement("span");
  box.className = "n-pin__mark";
  box.textContent = mark;
  return box;
}

function pinShape(kind: PinKind): HTMLElement {
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
