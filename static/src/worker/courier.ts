/**
 * The courier's service worker: the page opens without a network as it was built last, and nothing else. What couriers do
 * is kept and sent by the page itself (work/outbox.ts); answers of the API are never kept here.
 */

// Put in by build.mjs: what the page is made of, and a hash of that.
declare const FILES: readonly string[];
declare const VERSION: string;

interface Lasting {
  waitUntil(until: Promise<unknown>): void;
}

interface Asked {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}

interface Worker {
  addEventListener(kind: "install" | "activate", listener: (event: Lasting) => void): void;
  addEventListener(kind: "fetch", listener: (event: Asked) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
}

const PAGE = "/courier";
const OURS = "nearlive-courier-";
const KEPT = OURS + VERSION;
/** A network that does not answer within so many milliseconds is as good as none. */
const PATIENCE = 4_000;

const worker = self as unknown as Worker;

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate" && pathname === PAGE) event.respondWith(page(request.url));
  else if (pathname.startsWith("/assets/")) event.respondWith(asset(request));
});

async function install(): Promise<void> {
  const cache = await caches.open(KEPT);
  await cache.addAll([new Request(PAGE, { cache: "reload" }), ...FILES.map((file) => new Request(file))]);
  await worker.skipWaiting();
}

async function activate(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(OURS) && name !== KEPT).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

async function page(address: string): Promise<Response> {
  try {
    return await fetch(address, { signal: AbortSignal.timeout(PATIENCE) });
  } catch (error) {
    const kept = await caches.match(PAGE, { cacheName: KEPT });
    if (kept) return kept;
    throw error;
  }
}

/** Names carry a hash of what is in them, so what is kept is right for ever. */
async function asset(request: Request): Promise<Response> {
  return (await caches.match(request)) ?? fetch(request);
}
