/**
 * Who we are: the access token and its renewal.
 *
 * The refresh cookie rotates at each use, so only one tab may renew at a time (navigator.locks) and it tells the others
 * (BroadcastChannel). The token is kept per tab for the next page; `hint` remembers that a cookie should exist,
 * so that a first visit does not ask for what it cannot get.
 */

import { signal } from "@preact/signals";
import { ApiProblem, patch, post } from "./api";
import type { Role, User } from "./types";

interface Grant {
  access_token: string;
  expires_in: number;
  user: User;
}

interface Held {
  token: string;
  /** Milliseconds of this machine's clock. */
  until: number;
  user: User;
}

const KEPT = "nearlive.session";
const HINT = "nearlive.signed";
/** On `window`, when a session has ended: what pages keep about it on this machine goes too. */
export const SIGNED_OUT = "nearlive-signed-out";
const RENEW_BEFORE = 60_000;

/** Who is signed in here: null before a session exists. */
export const user = signal<User | null>(null);

let held: Held | null = null;
let guestsWelcome = false;
let renewing: Promise<string | null> | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("nearlive.session") : null;
const listeners = new Set<(token: string) => void>();

/** Calls back with every new access token: the socket says hello again with it. */
export function onToken(listener: (token: string) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * The session of this page. `guests` pages silently become a guest when there is no session; the others get null.
 * May throw `ApiProblem` (offline, unavailable).
 */
export async function startSession(options: { guests: boolean }): Promise<User | null> {
  guestsWelcome = options.guests;
  restore();
  await accessToken();
  return user.value;
}

/** The token to sign with, renewed when it is about to end; null when nobody is signed in. */
export async function accessToken(): Promise<string | null> {
  if (held && held.until - Date.now() > 5_000) return held.token;
  return renew();
}

/** A newer token than the refused one. */
export async function renewAfter(refused: string): Promise<string | null> {
  if (held && held.token !== refused) return held.token;
  held = null;
  return renew();
}

export async function signIn(login: string, password: string): Promise<User> {
  return enter(await post<Grant>("/api/session/sign-in", { login, password }, { anonymous: true }));
}

export async function signUp(login: string, password: string, name: string): Promise<User> {
  return enter(await post<Grant>("/api/session/sign-up", { login, password, name }, { anonymous: true }));
}

export async function acceptInvite(token: string, login: string, password: string, name: string): Promise<User> {
  const path = `/api/session/invite/${encodeURIComponent(token)}`;
  return enter(await post<Grant>(path, { login, password, name }, { anonymous: true }));
}

/** Ends the refresh family on the server and forgets everything here and in the other tabs. */
export async function signOut(): Promise<void> {
  try {
    await post("/api/session/sign-out", undefined, { anonymous: true });
  } finally {
    forget();
    channel?.postMessage({ kind: "out" });
  }
}

/** Changes the name that others see in chat; it is in the token, so that is renewed too. */
export async function rename(name: string): Promise<void> {
  const changed = await patch<User>("/api/me", { name });
  if (held) keep({ ...held, user: changed });
  try {
    await exclusively(refresh);
  } catch (error) {
    // Kept all the same: the next renewal, at most ten minutes away, brings it into chat.
    if (!(error instanceof ApiProblem)) throw error;
  }
}

/** Who was here last in this tab, whether or not their token still counts; null after they signed out. */
export function lastUser(): User | null {
  const text = sessionStorage.getItem(KEPT);
  return text === null || localStorage.getItem(HINT) === null ? null : (JSON.parse(text) as Held).user;
}

/** Whether somebody has signed in at this machine and not out. */
export function signedHere(): boolean {
  return localStorage.getItem(HINT) !== null;
}

/** Whether `current` may use a page that is for `roles`. */
export function mayUse(current: User | null, roles: readonly Role[]): boolean {
  return current !== null && roles.includes(current.role);
}

function enter(grant: Grant): User {
  const next = heldFrom(grant);
  keep(next);
  channel?.postMessage({ kind: "held", held: next });
  return grant.user;
}

function renew(): Promise<string | null> {
  renewing ??= exclusively(renewNow).finally(() => {
    renewing = null;
  });
  return renewing;
}

async function renewNow(): Promise<string | null> {
  // Another tab may have renewed while this one waited for its turn.
  if (held && held.until - Date.now() > RENEW_BEFORE) return held.token;
  if (localStorage.getItem(HINT) !== null) {
    try {
      return await refresh();
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status !== 401) throw error;
      forget();
    }
  }
  if (!guestsWelcome) return null;
  enter(await post<Grant>("/api/session/guest", undefined, { anonymous: true }));
  return held?.token ?? null;
}

async function refresh(): Promise<string | null> {
  enter(await post<Grant>("/api/session/refresh", undefined, { anonymous: true }));
  return held?.token ?? null;
}

function exclusively<T>(task: () => Promise<T>): Promise<T> {
  // Only secure contexts have locks; without them a second tab's renewal at the same moment can fail, and is asked again.
  return "locks" in navigator ? navigator.locks.request("nearlive.session", task) : task();
}

function heldFrom(grant: Grant): Held {
  return { token: grant.access_token, until: Date.now() + grant.expires_in * 1000, user: grant.user };
}

function keep(next: Held): void {
  const fresh = held?.token !== next.token;
  held = next;
  user.value = next.user;
  sessionStorage.setItem(KEPT, JSON.stringify(next));
  localStorage.setItem(HINT, "1");
  clearTimeout(timer);
  // A tab that sleeps through this is served by accessToken() at its next call.
  timer = setTimeout(() => void renew().catch(() => undefined), Math.max(0, next.until - Date.now() - RENEW_BEFORE));
  if (fresh) for (const listener of listeners) listener(next.token);
}

function forget(): void {
  held = null;
  user.value = null;
  clearTimeout(timer);
  sessionStorage.removeItem(KEPT);
  localStorage.removeItem(HINT);
  dispatchEvent(new Event(SIGNED_OUT));
}

function restore(): void {
  const text = sessionStorage.getItem(KEPT);
  if (text === null || localStorage.getItem(HINT) === null) return;
  const kept = JSON.parse(text) as Held;
  if (kept.until - Date.now() > 5_000) keep(kept);
}

channel?.addEventListener("message", (event: MessageEvent<{ kind: "held"; held: Held } | { kind: "out" }>) => {
  if (event.data.kind === "out") {
    forget();
    return;
  }
  // Somebody else signed in next door: this tab stays who it is until its own token ends.
  const current = user.value;
  if (current === null || current.role === "guest" || current.id === event.data.held.user.id) keep(event.data.held);
});
