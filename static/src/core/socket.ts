/**
 * The page's one WebSocket (docs/protocol.md, Socket): says hello, keeps subscriptions over reconnects, and hands
 * snapshots and events to them in order and once.
 */

import { signal } from "@preact/signals";
import { ApiProblem } from "./api";
import { accessToken, onToken, renewAfter } from "./session";

export type SocketState = "connecting" | "open" | "waiting" | "offline" | "refused";

export interface Handlers<S> {
  /** Replaces all state of the topic. */
  snapshot(data: S): void;
  /** One change; may repeat what a newer snapshot already has. */
  event(kind: string, data: never, at: string): void;
  /** The topic was refused (`forbidden`, `banned`, `not_found`): no events will come. */
  refused?(problem: ApiProblem): void;
}

interface Subscription {
  topic: string;
  handlers: Handlers<unknown>;
  seq: number | null;
  asking: boolean;
}

interface Answer {
  resolve(value: Record<string, unknown>): void;
  reject(problem: ApiProblem): void;
  timer: ReturnType<typeof setTimeout>;
}

type Message = Record<string, unknown> & { type: string };

const ANSWER_IN = 10_000;
const FIRST_DELAY = 500;
const LAST_DELAY = 20_000;

class PageSocket {
  readonly state = signal<SocketState>("connecting");
  private socket: WebSocket | null = null;
  private ready = false;
  private wanted = false;
  private failures = 0;
  private nextRef = 1;
  private token: string | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly answers = new Map<string, Answer>();
  private readonly topics = new Map<string, Subscription>();

  /** Starts to receive `topic`; the returned function stops it. */
  subscribe<S>(topic: string, handlers: Handlers<S>): () => void {
    const subscription: Subscription = { topic, handlers: handlers as Handlers<unknown>, seq: null, asking: false };
    this.topics.set(topic, subscription);
    this.start();
    if (this.ready) void this.ask(subscription);
    return () => {
      if (this.topics.get(topic) !== subscription) return;
      this.topics.delete(topic);
      if (this.ready) void this.request({ type: "unsubscribe", topic }).catch(() => undefined);
    };
  }

  /** Sends a message and waits for its `ok`; rejects with the problem, or `offline` / `timeout`. */
  request(message: Message): Promise<Record<string, unknown>> {
    const socket = this.socket;
    if (!socket || socket.readyState !== WebSocket.OPEN) return Promise.reject(new ApiProblem("offline", 0));
    const ref = String(this.nextRef++);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.answers.delete(ref);
        reject(new ApiProblem("timeout", 0));
      }, ANSWER_IN);
      this.answers.set(ref, { resolve, reject, timer });
      socket.send(JSON.stringify({ ...message, ref }));
    });
  }

  /** Sends without waiting; dropped when not connected (hearts). */
  tell(message: Message): void {
    if (this.ready) this.socket?.send(JSON.stringify(message));
  }

  private start(): void {
    if (this.wanted) return;
    this.wanted = true;
    onToken((token) => {
      if (this.ready && token !== this.token) void this.hello(token).catch(() => this.drop());
    });
    addEventListener("online", () => this.hurry());
    addEventListener("offline", () => {
      this.drop();
      this.state.value = "offline";
    });
    addEventListener("pageshow", () => this.hurry());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.hurry();
    });
    void this.connect();
  }

  /** The network or the page came back: connect now, or find out whether the connection still lives. */
  private hurry(): void {
    if (this.state.value === "refused") return;
    if (this.ready && this.token !== null) {
      const probed = this.socket;
      const deadline = setTimeout(() => {
        if (this.socket === probed) this.drop();
      }, 4_000);
      void this.hello(this.token)
        .catch(() => undefined)
        .finally(() => clearTimeout(deadline));
      return;
    }
    if (this.socket) return;
    this.failures = 0;
    clearTimeout(this.timer);
    void this.connect();
  }

  private async connect(): Promise<void> {
    if (!navigator.onLine) {
      // The `online` event comes back here; until then there is nothing to try.
      this.state.value = "offline";
      return;
    }
    this.state.value = "connecting";
    let token: string | null;
    try {
      token = await accessToken();
    } catch {
      this.again();
      return;
    }
    if (this.socket) return;
    if (token === null) {
      this.state.value = "refused";
      return;
    }
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/socket`);
    this.socket = socket;
    socket.addEventListener("open", () => void this.greet(socket, token));
    socket.addEventListener("message", (event) => this.receive(JSON.parse(String(event.data)) as Message));
    socket.addEventListener("close", (event) => void this.closed(socket, event.code));
  }

  private async greet(socket: WebSocket, token: string): Promise<void> {
    try {
      await this.hello(token);
    } catch {
      if (this.socket === socket) this.drop();
      return;
    }
    this.ready = true;
    this.failures = 0;
    this.state.value = "open";
    for (const subscription of this.topics.values()) void this.ask(subscription);
  }

  private async hello(token: string): Promise<void> {
    await this.request({ type: "hello", token });
    this.token = token;
  }

  private async ask(subscription: Subscription): Promise<void> {
    if (subscription.asking) return;
    subscription.asking = true;
    const { topic, seq } = subscription;
    try {
      await this.request(seq === null ? { type: "subscribe", topic } : { type: "subscribe", topic, after: seq });
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.code === "offline") return;
      if (error.code === "timeout") this.drop();
      else subscription.handlers.refused?.(error);
    } finally {
      subscription.asking = false;
    }
  }

  private receive(message: Message): void {
    const ref = message["ref"];
    if ((message.type === "ok" || message.type === "problem") && typeof ref === "string") {
      const answer = this.answers.get(ref);
      if (!answer) return;
      this.answers.delete(ref);
      clearTimeout(answer.timer);
      if (message.type === "ok") answer.resolve(message);
      else answer.reject(new ApiProblem(String(message["code"]), 0, String(message["detail"] ?? ""), null, message));
      return;
    }
    const subscription = this.topics.get(String(message["topic"]));
    if (!subscription) return;
    const seq = Number(message["seq"]);
    if (message.type === "snapshot") {
      subscription.seq = seq;
      subscription.handlers.snapshot(message["data"]);
    } else if (message.type === "event") {
      this.apply(subscription, seq, message);
    }
  }

  private apply(subscription: Subscription, seq: number, message: Message): void {
    if (subscription.seq !== null && seq <= subscription.seq) return;
    if (subscription.seq !== null && seq > subscription.seq + 1) {
      // A hole: ask for what is missing; this event comes again with it.
      void this.ask(subscription);
      return;
    }
    subscription.seq = seq;
    subscription.handlers.event(String(message["kind"]), message["data"] as never, String(message["at"]));
  }

  /** Gives the connection up at once: the closing handshake of a dead network can take a minute. */
  private drop(): void {
    const socket = this.socket;
    if (!socket) return;
    socket.close();
    void this.closed(socket, 1006);
  }

  private async closed(socket: WebSocket, code: number): Promise<void> {
    if (this.socket !== socket) return;
    this.socket = null;
    this.ready = false;
    for (const answer of this.answers.values()) {
      clearTimeout(answer.timer);
      answer.reject(new ApiProblem("offline", 0));
    }
    this.answers.clear();
    if (code === 4401 && this.token !== null) {
      await renewAfter(this.token).catch(() => undefined);
    } else if (code === 4403) {
      this.state.value = "refused";
      return;
    }
    if (code === 4429) this.failures = Math.max(this.failures, 4);
    this.again(code === 1012 || code === 4401);
  }

  private again(soon = false): void {
    const ceiling = Math.min(LAST_DELAY, FIRST_DELAY * 2 ** this.failures);
    // All pages lose a restarting server at once; jitter keeps them from coming back at once.
    const delay = soon && this.failures === 0 ? Math.random() * 300 : ceiling / 2 + (Math.random() * ceiling) / 2;
    this.failures += 1;
    this.state.value = navigator.onLine ? "waiting" : "offline";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.connect(), delay);
  }
}

export const socket = new PageSocket();
