/** Typed calls of the HTTP API: signs them, renews an ended token once, turns refusals into `ApiProblem`. */

import { accessToken, renewAfter } from "./session";

/** A refusal. `code` is stable (docs/protocol.md) or one of ours: `offline`, `timeout`. */
export class ApiProblem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly detail: string = "",
    readonly field: string | null = null,
    /** Further members of the problem, such as `total` of `price_changed`. */
    readonly extra: Readonly<Record<string, unknown>> = {},
    readonly retryAfter: number | null = null,
  ) {
    super(`${code}: ${detail}`);
    this.name = "ApiProblem";
  }
}

export interface CallOptions {
  /** Idempotency-Key; make it once per intention with `newKey()` and keep it over retries. */
  key?: string;
  /** Only if it is still this revision; "new": only if there is none yet. Else 412. */
  match?: number | "new";
  signal?: AbortSignal;
  /** Milliseconds until the call is given up as `timeout`; 15 s when not given. */
  timeout?: number;
  /** Without a token (the session's own routes). */
  anonymous?: boolean;
  /** Hears how much of the body has gone, 0 to 1. */
  told?: (part: number) => void;
}

export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

type Query = Record<string, string | number | boolean | null | undefined>;

/** `path` with those members of `query` that have a value. */
export function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}

export const get = <T>(path: string, query: Query = {}, options: CallOptions = {}): Promise<T> =>
  call<T>("GET", withQuery(path, query), undefined, options);
export const post = <T = void>(path: string, body?: unknown, options: CallOptions = {}): Promise<T> =>
  call<T>("POST", path, body, options);
export const put = <T = void>(path: string, body?: unknown, options: CallOptions = {}): Promise<T> =>
  call<T>("PUT", path, body, options);
/** `file` as the body of a PUT; `options.told` hears how it goes on. */
export const upload = <T = void>(path: string, file: Blob, options: CallOptions = {}): Promise<T> =>
  call<T>("PUT", path, file, options);
export const patch = <T = void>(path: string, body?: unknown, options: CallOptions = {}): Promise<T> =>
  call<T>("PATCH", path, body, options);
export const del = <T = void>(path: string, body?: unknown, options: CallOptions = {}): Promise<T> =>
  call<T>("DELETE", path, body, options);

/** What the path answers, as it is: a picture that only this person may see, a file. */
export async function blobOf(path: string): Promise<Blob> {
  const headers = new Headers();
  const token = await accessToken();
  if (token !== null) headers.set("Authorization", `Bearer ${token}`);
  const response = await reach(path, { headers, credentials: "same-origin" }, { timeout: 60_000 });
  if (!response.ok) throw await problemOf(response);
  return response.blob();
}

/** Save what the path answers as a file of this name. */
export async function download(path: string, name: string): Promise<void> {
  save(await blobOf(path), name);
}

/** To the person's downloads. */
export function save(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

async function call<T>(method: string, path: string, body: unknown, options: CallOptions): Promise<T> {
  const token = options.anonymous ? null : await accessToken();
  try {
    return await send<T>(method, path, body, options, token);
  } catch (error) {
    const ended = error instanceof ApiProblem && (error.code === "token_expired" || error.code === "token_invalid");
    if (!ended || token === null) throw error;
    return send<T>(method, path, body, options, await renewAfter(token));
  }
}

async function send<T>(
  method: string,
  path: string,
  body: unknown,
  options: CallOptions,
  token: string | null,
): Promise<T> {
  const headers = new Headers({ Accept: "application/json" });
  if (token !== null) headers.set("Authorization", `Bearer ${token}`);
  if (options.key) headers.set("Idempotency-Key", options.key);
  if (options.match === "new") headers.set("If-None-Match", "*");
  else if (options.match !== undefined) headers.set("If-Match", `"${options.match}"`);
  let payload: BodyInit | null = null;
  if (body instanceof Blob) {
    headers.set("Content-Type", body.type);
    payload = body;
  } else if (body !== undefined) {
    headers.set("Content-Type", "application/json");
    payload = JSON.stringify(body);
  }
  const response = await reach(path, { method, headers, body: payload, credentials: "same-origin" }, options);
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

async function reach(path: string, init: RequestInit, options: CallOptions): Promise<Response> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort("timeout"), options.timeout ?? 15_000);
  const cancel = () => limit.abort("cancelled");
  if (options.signal?.aborted) cancel();
  options.signal?.addEventListener("abort", cancel, { once: true });
  try {
    if (options.told) return await sendTold(path, init, limit.signal, options.told);
    return await fetch(path, { ...init, signal: limit.signal });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    if (limit.signal.aborted) throw new ApiProblem("timeout", 0);
    throw new ApiProblem("offline", 0);
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", cancel);
  }
}

/** As `fetch`, which does not say how much of a body has gone. */
function sendTold(path: string, init: RequestInit, signal: AbortSignal, told: (part: number) => void): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(init.method ?? "GET", path);
    new Headers(init.headers).forEach((value, name) => request.setRequestHeader(name, value));
    request.upload.onprogress = ({ loaded, total, lengthComputable }) => lengthComputable && told(loaded / total);
    request.onload = () => {
      const headers = new Headers();
      const retry = request.getResponseHeader("Retry-After");
      if (retry !== null) headers.set("Retry-After", retry);
      resolve(new Response(request.status === 204 ? null : request.responseText, { status: request.status, headers }));
    };
    request.onerror = () => reject(new TypeError("not reached"));
    request.onabort = request.onerror;
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(init.body as XMLHttpRequestBodyInit);
  });
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const retry = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  const retryAfter = Number.isNaN(retry) ? null : retry;
  let members: Record<string, unknown> = {};
  try {
    members = (await response.json()) as Record<string, unknown>;
  } catch {
    // a proxy's own page: the status must do
  }
  const { code, detail, field, ...extra } = members;
  return new ApiProblem(
    typeof code === "string" ? code : response.status >= 500 ? "unavailable" : "internal",
    response.status,
    typeof detail === "string" ? detail : "",
    typeof field === "string" ? field : null,
    extra,
    retryAfter,
  );
}
