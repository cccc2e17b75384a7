/** Where this person is: asked for only by a click, remembered on this machine only, and forgotten on demand. */

import { signal } from "@preact/signals";
import type { Position } from "./types";

export interface Place {
  position: Position;
  /** What the person chose from a list or typed; null when the device said it. */
  label: string | null;
  at: number;
}

export type GeoFailure = "denied" | "unavailable" | "insecure";

const KEY = "nearlive.place";

function remembered(): Place | null {
  const text = localStorage.getItem(KEY);
  return text === null ? null : (JSON.parse(text) as Place);
}

export const place = signal<Place | null>(remembered());

export function setPlace(position: Position, label: string | null): void {
  place.value = { position, label, at: Date.now() };
  localStorage.setItem(KEY, JSON.stringify(place.value));
}

export function forgetPlace(): void {
  place.value = null;
  localStorage.removeItem(KEY);
}

/** Asks the device (the browser asks the person); throws `GeoProblem`. */
export async function locate(): Promise<Place> {
  const found = await currentPosition();
  setPlace({ lon: found.coords.longitude, lat: found.coords.latitude }, null);
  return place.value as Place;
}

export class GeoProblem extends Error {
  constructor(readonly code: GeoFailure) {
    super(code);
    this.name = "GeoProblem";
  }
}

export function geoProblemOf(error: GeolocationPositionError): GeoProblem {
  return new GeoProblem(error.code === error.PERMISSION_DENIED ? "denied" : "unavailable");
}

export function currentPosition(): Promise<GeolocationPosition> {
  if (!isSecureContext || !("geolocation" in navigator)) return Promise.reject(new GeoProblem("insecure"));
  return new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(resolve, (error) => reject(geoProblemOf(error)), {
      enableHighAccuracy: true,
      timeout: 10_000,
      maximumAge: 30_000,
    });
  });
}

/** Metres between two positions on the sphere (haversine; the error is under 0.6 %). */
export function metresBetween(a: Position, b: Position): number {
  const rad = Math.PI / 180;
  const [dLat, dLon] = [(b.lat - a.lat) * rad, (b.lon - a.lon) * rad];
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(dLon / 2) ** 2;
  return 2 * 6_371_008.8 * Math.asin(Math.min(1, Math.sqrt(h)));
}
