/** A store and where it delivers, on a map that can be drawn on. Loaded with the map: `await import("../map/zone")`. */

import * as L from "leaflet";

import type { Position } from "../core/types";
import { pinShape, type Board } from "./board";
import { between, MOST_HANDLES, placeFor, rounded } from "./zone_shape";

export interface ZoneView {
  store: Position;
  name: string;
  /** Metres; null where there is an area. */
  radius: number | null;
  corners: readonly Position[];
  holes: readonly (readonly Position[])[];
  /** What a tap does: put the store there, put a corner there, nothing. */
  draws: "store" | "corners" | null;
  /** The outline crosses itself: it cannot be one. */
  wrong: boolean;
  chosen: number | null;
}

export interface ZoneTold {
  onStore: (place: Position) => void;
  onCorner: (at: number, place: Position) => void;
  onInsert: (at: number, place: Position) => void;
  onRemove: (at: number) => void;
  onChoose: (at: number) => void;
  cornerName: (at: number) => string;
}

/** Pixels that an arrow key moves a corner by; with Shift. */
const STEP = 8;
const FAR_STEP = 40;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function latLng({ lon, lat }: Position): L.LatLngTuple {
  return [lat, lon];
}

function placeOf({ lng, lat }: L.LatLng): Position {
  return rounded({ lon: lng, lat });
}

export class Zone {
  private readonly layer = L.layerGroup();
  private readonly store: L.Marker;
  private circle: L.Circle | null = null;
  private shape: L.Polygon | null = null;
  private handles: L.Marker[] = [];
  private middles: L.Marker[] = [];
  private view: ZoneView | null = null;

  constructor(
    private readonly board: Board,
    private readonly told: () => ZoneTold,
  ) {
    this.layer.addTo(board.map);
    const icon = L.divIcon({ className: "n-pin n-pin--store n-zone-store", html: pinShape("store"), iconSize: [44, 44], iconAnchor: [22, 22] });
    this.store = L.marker(board.map.getCenter(), { icon, keyboard: true, autoPan: true, zIndexOffset: 600 });
    this.store.on("drag", () => this.circle?.setLatLng(this.store.getLatLng()));
    this.store.on("dragend", () => this.told().onStore(placeOf(this.store.getLatLng())));
    board.map.on("click", ({ latlng }) => this.tapped(placeOf(latlng)));
  }

  draw(view: ZoneView): void {
    const before = this.view;
    this.view = view;
    this.store.setLatLng(latLng(view.store));
    if (!before) {
      this.store.addTo(this.board.map);
      this.keys(this.store, () => (this.view?.draws === "store" ? this.told().onStore : null));
    }
    const element = this.store.getElement();
    element?.setAttribute("aria-label", view.name);
    if (view.draws === "store") this.store.dragging?.enable();
    else this.store.dragging?.disable();
    if (element) element.tabIndex = view.draws === "store" ? 0 : -1;
    this.drawReach(view);
    this.drawHandles(view);
  }

  /** Everything in sight. At once: a movement that goes on when the map is taken away is an error in Leaflet. */
  fit(): void {
    if (!this.view) return;
    const bounds = this.shape?.getBounds() ?? this.circle?.getBounds() ?? L.latLngBounds([latLng(this.view.store)]);
    bounds.extend(latLng(this.view.store));
    this.board.map.fitBounds(bounds, { padding: [28, 28], maxZoom: 16, animate: false });
  }

  /** The store was put where the map does not show it. */
  keepInSight(): void {
    const place = this.store.getLatLng();
    if (!this.board.map.getBounds().contains(place)) this.board.map.panTo(place, { animate: false });
  }

  private drawReach(view: ZoneView): void {
    const className = view.wrong ? "n-zone n-zone--wrong" : "n-zone";
    this.circle?.remove();
    this.shape?.remove();
    this.circle = this.shape = null;
    if (view.radius !== null) {
      this.circle = L.circle(latLng(view.store), { radius: view.radius, className, interactive: false }).addTo(this.layer);
    } else if (view.corners.length > 0) {
      const rings = [view.corners, ...view.holes].map((ring) => ring.map(latLng));
      this.shape = L.polygon(rings, { className, interactive: false }).addTo(this.layer);
    }
  }

  private drawHandles(view: ZoneView): void {
    const handled = view.draws === "corners" && view.corners.length <= MOST_HANDLES ? view.corners : [];
    if (handled.length !== this.handles.length) {
      const focused = this.handles.findIndex((one) => one.getElement() === document.activeElement);
      for (const one of [...this.handles, ...this.middles]) one.remove();
      this.handles = handled.map((_, at) => this.handle(at));
      this.middles = handled.length < 2 ? [] : handled.map((_, at) => this.middle(at));
      if (focused >= 0) this.handles[Math.min(focused, this.handles.length - 1)]?.getElement()?.focus();
    }
    this.handles.forEach((one, at) => {
      one.setLatLng(latLng(handled[at] as Position));
      one.getElement()?.classList.toggle("n-zone-corner--chosen", at === view.chosen);
      one.getElement()?.setAttribute("aria-label", this.told().cornerName(at));
    });
    this.middles.forEach((one, at) => one.setLatLng(latLng(between(handled[at] as Position, handled[(at + 1) % handled.length] as Position))));
  }

  private handle(at: number): L.Marker {
    const icon = L.divIcon({ className: "n-zone-corner", iconSize: [44, 44], iconAnchor: [22, 22] });
    const marker = L.marker([0, 0], { icon, draggable: true, keyboard: true, autoPan: true, zIndexOffset: 900 }).addTo(this.layer);
    marker.on("click", () => this.told().onChoose(at));
    marker.on("drag", () => this.follow(at, marker.getLatLng()));
    marker.on("dragend", () => this.told().onCorner(at, placeOf(marker.getLatLng())));
    this.keys(marker, () => (place) => this.told().onCorner(at, place), () => this.told().onRemove(at));
    return marker;
  }

  /** Between two corners: dragged or tapped it becomes one. */
  private middle(at: number): L.Marker {
    const icon = L.divIcon({ className: "n-zone-middle", iconSize: [28, 28], iconAnchor: [14, 14] });
    const marker = L.marker([0, 0], { icon, draggable: true, keyboard: false, zIndexOffset: 700 }).addTo(this.layer);
    marker.getElement()?.setAttribute("aria-hidden", "true");
    const insert = () => this.told().onInsert(at + 1, placeOf(marker.getLatLng()));
    marker.on("click", insert);
    marker.on("dragend", insert);
    return marker;
  }

  private follow(at: number, place: L.LatLng): void {
    const corners = this.view?.corners.map(latLng);
    if (!corners || !this.shape) return;
    corners[at] = [place.lat, place.lng];
    this.shape.setLatLngs([corners, ...(this.view?.holes ?? []).map((ring) => ring.map(latLng))]);
  }

  private tapped(place: Position): void {
    if (this.view?.draws === "store") this.told().onStore(place);
    if (this.view?.draws === "corners" && this.view.corners.length < MOST_HANDLES) this.told().onInsert(placeFor(this.view.corners, place), place);
  }

  /** Arrow keys move a marker, Delete takes it away. */
  private keys(marker: L.Marker, moved: () => ((place: Position) => void) | null, removed?: () => void): void {
    marker.getElement()?.addEventListener("keydown", (event) => {
      const step = ARROWS[event.key];
      const report = moved();
      if (step && report) {
        const by = event.shiftKey ? FAR_STEP : STEP;
        const point = this.board.map.latLngToContainerPoint(marker.getLatLng()).add([step[0] * by, step[1] * by]);
        report(placeOf(this.board.map.containerPointToLatLng(point)));
      } else if (removed && (event.key === "Delete" || event.key === "Backspace")) removed();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }
}
