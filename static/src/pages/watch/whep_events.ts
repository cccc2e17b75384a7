/** What the server tells of a session as server-sent events (draft-ietf-wish-whep): the publisher comes and goes, layers change. */

import { ApiProblem } from "../../core/api";
import { readEvents } from "../../media/events";
import type { WhepSession } from "./whep_session";

const WANTED = ["active", "inactive", "layers", "viewercount", "reconnect"];
const AGAIN_AFTER = 2_000;
const ASK_AFTER = 500;
/** Answers of a server that has no events. */
const UNKNOWN: ReadonlySet<number> = new Set([404, 405, 501]);

export interface Listeners {
  active: (active: boolean) => void;
  layers: (data: string) => void;
  viewers: (count: number) => void;
  /** The server asks for a new session in place of this one, which goes on meanwhile: its node is about to stop. */
  reconnect: () => void;
  /** The server no longer knows the session. */
  gone: () => void;
}

export class WhepEvents {
  private controller: AbortController | null = null;

  constructor(
    private readonly session: WhepSession,
    private readonly listeners: Listeners,
  ) {}

  /** Listens, until `close`; a stream that breaks off is opened again if the session is still there. */
  open(): void {
    if (this.controller || !this.session.resource?.link("server-sent-events")) return;
    this.controller = new AbortController();
    void this.follow(this.controller.signal);
  }

  close(): void {
    this.controller?.abort();
    this.controller = null;
  }

  private async follow(stopped: AbortSignal): Promise<void> {
    const { resource } = this.session;
    const url = resource?.link("server-sent-events");
    if (!resource || !url) return;
    let failures = 0;
    while (!stopped.aborted) {
      try {
        const made = await resource.tell(url, WANTED);
        const place = new URL(made.headers.get("Location") ?? "", made.url).href;
        failures = 0;
        await readEvents(place, resource.token, stopped, (name, data) => this.take(name, data));
      } catch (error) {
        if (error instanceof ApiProblem && UNKNOWN.has(error.status)) return;
        failures += 1;
      }
      // A show that is over is told of in other ways too: no need to ask for a session that ended with it.
      await new Promise((resolve) => setTimeout(resolve, ASK_AFTER * (1 + Math.random())));
      if (stopped.aborted) return;
      if ((await resource.alive()) === false) {
        if (!stopped.aborted) this.listeners.gone();
        return;
      }
      if (failures > 5) return;
      if (failures > 0) await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER * failures));
    }
  }

  private take(name: string, data: string): void {
    if (name === "active" || name === "inactive") this.listeners.active(name === "active");
    else if (name === "layers") this.listeners.layers(data);
    else if (name === "reconnect") this.listeners.reconnect();
    else if (name === "viewercount") this.listeners.viewers(Number((JSON.parse(data) as { viewercount?: number }).viewercount ?? 0));
  }
}
