/**
 * What was done at this machine and may not have reached the server yet: kept here, sent in its order, each with the same
 * Idempotency-Key until there is an answer. A reload or a dead network loses nothing; a refusal is explained and taken out,
 * with everything that was to follow it. Of a deed with a file, the file waits in the browser's database (files.ts).
 */

import { signal } from "@preact/signals";
import { ApiProblem, del, newKey, post, upload } from "../core/api";
import { now } from "./clock";
import { dropFile, readFile } from "./files";

export interface Deed<K extends string = string> {
  id: string;
  kind: K;
  /** What it is about: deeds of one thing depend on one another. */
  about: string;
  /** For people: an order's number, a product's name. */
  label: string;
  method: "POST" | "DELETE" | "PUT";
  path: string;
  body?: unknown;
  /** Key of a file that is sent in place of a body. */
  file?: string;
  /** Milliseconds since the epoch; not sent after it, and refused as `gone`. */
  until?: number;
  gone?: string;
  at: number;
}

export interface Refusal<K extends string = string> {
  deed: Deed<K>;
  code: string;
  /** Further members of the problem. */
  extra: Readonly<Record<string, unknown>>;
  /** Later deeds of the same thing that were dropped with it. */
  dropped: number;
}

/** The server was not reached, or not well: the same deed is sent again. */
const AGAIN = new Set(["offline", "timeout", "unavailable", "internal", "rate_limited", "stock_busy", "payment_unavailable", "contended"]);
/** Nobody is signed in any more: kept until somebody is. */
const SIGNED_OUT = new Set(["token_missing", "token_invalid", "token_expired", "session_ended"]);
const DELAYS = [1_000, 2_000, 4_000, 8_000, 15_000];
const SEND_WITHIN = 8_000;
const UPLOAD_WITHIN = 90_000;

/** Whether a thing that failed like this is worth doing again as it is. */
export function passing(error: unknown): boolean {
  return error instanceof ApiProblem && AGAIN.has(error.code);
}

export class Outbox<K extends string> {
  readonly deeds = signal<readonly Deed<K>[]>([]);
  readonly refusals = signal<readonly Refusal<K>[]>([]);
  /** How much of the file that is being sent has gone, 0 to 1. */
  readonly sent = signal<{ id: string; part: number } | null>(null);
  private failures = 0;
  private sending = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `kept`: under which name this machine keeps them. `done`: what becomes of the answers. */
  constructor(
    private readonly kept: string,
    private readonly done: (deed: Deed<K>, answer: unknown) => void,
  ) {
    this.deeds.value = this.read();
  }

  open(): () => void {
    const hurry = () => this.hurry();
    const told = (event: StorageEvent) => {
      if (event.key === this.kept) this.deeds.value = this.read();
    };
    addEventListener("online", hurry);
    addEventListener("storage", told);
    hurry();
    return () => {
      removeEventListener("online", hurry);
      removeEventListener("storage", told);
      clearTimeout(this.timer);
    };
  }

  add(deed: Omit<Deed<K>, "id" | "at">): void {
    this.write([...this.read(), { ...deed, id: newKey(), at: Date.now() }]);
    void this.flush();
  }

  of(about: string): Deed<K>[] {
    return this.deeds.value.filter((deed) => deed.about === about);
  }

  /** Those that wait longer than so many milliseconds; draws again as time goes on. */
  slow(than: number): readonly Deed<K>[] {
    return than === 0 ? this.deeds.value : this.deeds.value.filter((deed) => now.value - deed.at >= than);
  }

  dismiss(refusal: Refusal<K>): void {
    this.refusals.value = this.refusals.value.filter((one) => one !== refusal);
  }

  /** There is reason to believe that it works now. */
  hurry(): void {
    this.failures = 0;
    void this.flush();
  }

  /** Another tab may be sending: one at a time keeps the order. */
  async flush(): Promise<void> {
    if (this.sending) return;
    this.sending = true;
    clearTimeout(this.timer);
    try {
      await ("locks" in navigator ? navigator.locks.request(this.kept, () => this.sendAll()) : this.sendAll());
    } finally {
      this.sending = false;
    }
  }

  private async sendAll(): Promise<void> {
    for (let deed = this.read()[0]; deed; deed = this.read()[0]) {
      try {
        if (deed.until !== undefined && deed.until < Date.now()) throw new ApiProblem(deed.gone ?? "timeout", 409);
        const answer = await this.send(deed);
        this.failures = 0;
        this.drop([deed]);
        this.done(deed, answer);
      } catch (error) {
        const code = error instanceof ApiProblem ? error.code : "internal";
        const over = deed.until !== undefined && deed.until < Date.now();
        if (!over && (AGAIN.has(code) || SIGNED_OUT.has(code))) {
          this.later();
          return;
        }
        this.refuse(deed, over ? (deed.gone ?? code) : code, error instanceof ApiProblem ? error.extra : {});
      }
    }
  }

  private async send(deed: Deed<K>): Promise<unknown> {
    const options = { key: deed.id, timeout: SEND_WITHIN };
    if (deed.file !== undefined) return this.sendFile(deed, deed.file);
    if (deed.method === "DELETE") return del<unknown>(deed.path, undefined, options);
    return post<unknown>(deed.path, deed.body, options);
  }

  private async sendFile(deed: Deed<K>, name: string): Promise<unknown> {
    const file = await readFile(name);
    // The browser threw it away (its storage was full, or was cleared): nothing can bring it back.
    if (file === null) throw new ApiProblem("file_lost", 0);
    const told = (part: number) => (this.sent.value = { id: deed.id, part });
    try {
      return await upload<unknown>(deed.path, file, { key: deed.id, timeout: UPLOAD_WITHIN, told });
    } finally {
      this.sent.value = null;
    }
  }

  private refuse(deed: Deed<K>, code: string, extra: Readonly<Record<string, unknown>>): void {
    const following = this.read().filter((one) => one.about === deed.about && one.id !== deed.id);
    this.drop([deed, ...following]);
    this.refusals.value = [...this.refusals.value, { deed, code, extra, dropped: following.length }];
  }

  private later(): void {
    const delay = DELAYS[Math.min(this.failures, DELAYS.length - 1)] ?? 15_000;
    this.failures += 1;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), delay);
  }

  private drop(gone: readonly Deed<K>[]): void {
    const ids = new Set(gone.map((deed) => deed.id));
    this.write(this.read().filter((deed) => !ids.has(deed.id)));
    for (const { file } of gone) if (file !== undefined) void dropFile(file);
  }

  private read(): Deed<K>[] {
    return JSON.parse(localStorage.getItem(this.kept) ?? "[]") as Deed<K>[];
  }

  private write(deeds: Deed<K>[]): void {
    localStorage.setItem(this.kept, JSON.stringify(deeds));
    this.deeds.value = deeds;
  }
}
