/** The courier's day: the state as the server has it, what was done here on top of it, and where the phone is. */

import { computed, effect, signal } from "@preact/signals";
import { del, get, newKey, post, put } from "../../core/api";
import { noteServerTime, serverNow } from "../../core/server_clock";
import { socket } from "../../core/socket";
import type { CourierState as State, Job, Message, Offer, User } from "../../core/types";
import type { CourierPhrase } from "../../tracking/phrases";
import { chime } from "../../work/chime";
import { now } from "../../work/clock";
import { keepFile } from "../../work/files";
import { Outbox, passing } from "../../work/outbox";
import { hasGoods, nextJob, shown, type CourierDeed, type DeedKind, type Place, type ShownJob } from "./deeds";
import { keepState, keepTaken, keptState, keptTaken } from "./kept";
import { PositionLink } from "./position_link";
import { Talks } from "./talks";

/** Within which a direct try must be answered before it is put with the others that wait, ms. */
const AT_ONCE = 6_000;

export class CourierDay {
  readonly state = signal<State | null>(null);
  readonly error = signal<unknown>(null);
  readonly link = new PositionLink();
  readonly talks = new Talks();
  readonly outbox: Outbox<DeedKind>;
  /** What was earned by the delivery that has just ended. */
  readonly celebrated = signal<number | null>(null);
  private readonly taken = signal(keptTaken());

  /** Jobs as they will be once everything that was done here has been sent. */
  readonly jobs = computed<ShownJob[]>(() => {
    const deeds = this.outbox.deeds.value;
    return (this.state.value?.jobs ?? []).map((job) => shown(job, deeds, this.taken.value));
  });
  readonly current = computed<ShownJob | null>(() => nextJob(this.jobs.value));
  readonly offer = computed<Offer | null>(() => {
    const offer = this.state.value?.offer ?? null;
    const answered = offer !== null && this.outbox.of(offer.job_id).some((deed) => deed.kind === "decline");
    if (offer === null || answered || now.value < 0) return null;
    return Date.parse(offer.expires_at) > serverNow() ? offer : null;
  });

  constructor(private readonly me: User) {
    this.outbox = new Outbox<DeedKind>(`nearlive.courier.${me.id}`, (deed, answer) => this.sent(deed, answer));
    this.state.value = keptState(me);
    this.link.here.value = this.state.value?.position ?? null;
  }

  open(): () => void {
    const closeOutbox = this.outbox.open();
    const unsubscribe = socket.subscribe<unknown>("me", {
      // A snapshot means that events may have been missed: ask for the whole state.
      snapshot: () => this.back(),
      event: (kind, data, at) => {
        noteServerTime(at);
        if (kind === "courier") this.take((data as { state: State }).state);
        if (kind === "message") this.hear((data as { message: Message }).message);
      },
    });
    const watching = effect(() => (this.state.value?.online ? this.link.start() : this.link.stop()));
    void this.load();
    return () => {
      unsubscribe();
      closeOutbox();
      watching();
      this.link.stop();
    };
  }

  async load(): Promise<void> {
    try {
      this.take(await get<State>("/api/courier"));
      this.error.value = null;
    } catch (error) {
      this.error.value = error;
    }
  }

  /** Whether there is a place to begin at; if not, `link.problem` says why. Agreeing comes first where it has not been. */
  async goOnline(): Promise<boolean> {
    const position = await this.link.find();
    if (position === null) return false;
    const consent = this.state.value?.consent_at === null;
    this.take(await post<State>("/api/courier/online", consent ? { position, consent } : { position }));
    return true;
  }

  async goOffline(): Promise<void> {
    this.take(await post<State>("/api/courier/offline"));
  }

  /** The server forgets where the phone was; nobody is online without it. */
  async withdrawConsent(): Promise<void> {
    this.take(await del<State>("/api/courier/consent"));
  }

  async ride(vehicle: State["vehicle"]): Promise<void> {
    this.take(await put<State>("/api/courier/vehicle", { vehicle }));
  }

  accept(offer: Offer): void {
    this.answer(offer, "accept");
  }

  decline(offer: Offer): void {
    this.answer(offer, "decline");
  }

  /** At the store that holds for all that is fetched there; at the door for the one order. */
  arrive(job: ShownJob): void {
    const place: Place = hasGoods(job) ? "door" : "store";
    const all = place === "door" ? [job] : this.jobs.value.filter((one) => one.status === "accepted" && sameStore(one, job));
    for (const one of all) this.do(one, { kind: "arrive", path: `/api/courier/jobs/${one.id}/arrive`, body: { at: place } });
  }

  /** The store gave the bag while the server could not be asked: the way goes on, and the store's word is awaited. */
  takeBag(job: Job): void {
    this.setTaken(new Set([...this.taken.value, job.id]));
  }

  untakeBag(job: Job): void {
    this.setTaken(new Set([...this.taken.value].filter((id) => id !== job.id)));
  }

  /** Whether the server has checked the PIN; false: it could not be asked and will be. Throws its refusal. */
  async deliver(job: ShownJob, pin: string): Promise<boolean> {
    const path = `/api/courier/jobs/${job.id}/deliver`;
    const body = { pin, ...cashOf(job) };
    if (this.outbox.of(job.id).length === 0) {
      try {
        const answer = await post<State>(path, body, { timeout: AT_ONCE });
        this.celebrate(job.earnings);
        this.take(answer);
        return true;
      } catch (error) {
        if (!passing(error)) throw error;
      }
    }
    this.do(job, { kind: "deliver", path, body });
    return false;
  }

  /** A photo in place of the PIN. It is kept on this phone until it has been sent. */
  async deliverByPhoto(job: ShownJob, photo: Blob): Promise<void> {
    const file = `courier.${newKey()}`;
    await keepFile(file, photo);
    this.do(job, { kind: "photo", method: "PUT", path: `/api/courier/jobs/${job.id}/photo`, file });
    this.do(job, { kind: "deliver", path: `/api/courier/jobs/${job.id}/deliver`, body: { photo: true, ...cashOf(job) } });
  }

  report(job: ShownJob, kind: string, text: string): void {
    const body = text === "" ? { kind } : { kind, text };
    this.do(job, { kind: "problem", path: `/api/courier/jobs/${job.id}/problem`, body });
  }

  returned(job: ShownJob): void {
    this.do(job, { kind: "returned", path: `/api/courier/jobs/${job.id}/returned` });
  }

  /** Words of the courier's own, or one of the phrases. */
  message(job: Job, body: { text: string } | { quick: CourierPhrase }): void {
    this.do(job, { kind: "message", path: `/api/courier/jobs/${job.id}/messages`, body });
  }

  private answer(offer: Offer, kind: "accept" | "decline"): void {
    const path = `/api/courier/jobs/${offer.job_id}/${kind}`;
    const deed = { kind, method: "POST", about: offer.job_id, label: offer.store.name, path } as const;
    if (kind === "decline") return this.outbox.add(deed);
    const until = Date.now() + Math.max(0, Date.parse(offer.expires_at) - serverNow());
    this.outbox.add({ ...deed, until, gone: "offer_gone" });
  }

  private do(job: Job, deed: Pick<CourierDeed, "kind" | "path"> & Partial<CourierDeed>): void {
    this.outbox.add({ method: "POST", ...deed, about: job.id, label: job.order_number });
  }

  private sent(deed: CourierDeed, answer: unknown): void {
    if (deed.kind === "deliver") {
      this.celebrate(this.state.value?.jobs.find((job) => job.id === deed.about)?.earnings ?? 0);
    }
    if (deed.kind === "photo") return;
    if (deed.kind === "message") return this.talks.heard(deed.about, answer as Message);
    this.take(answer as State);
  }

  private back(): void {
    void this.load();
    this.outbox.hurry();
    void this.link.send();
  }

  private hear(message: Message): void {
    if (message.author === "buyer" && !this.talks.of(message.job_id).said.some((one) => one.id === message.id)) chime();
    this.talks.heard(message.job_id, message);
  }

  private take(state: State): void {
    const before = this.state.value?.offer?.job_id;
    this.state.value = state;
    keepState(this.me, state);
    if (state.offer && state.offer.job_id !== before) chime();
    this.link.here.value ??= state.position;
    const waiting = new Set(state.jobs.filter((job) => job.status === "accepted" || job.status === "at_store").map((job) => job.id));
    const taken = [...this.taken.value].filter((id) => waiting.has(id));
    if (taken.length !== this.taken.value.size) this.setTaken(new Set(taken));
  }

  private setTaken(taken: ReadonlySet<string>): void {
    keepTaken(taken);
    this.taken.value = taken;
  }

  private celebrate(earned: number): void {
    this.celebrated.value = earned;
    setTimeout(() => (this.celebrated.value = null), 3_500);
  }
}

function cashOf({ cash_due }: Job): { cash_received?: number } {
  return cash_due > 0 ? { cash_received: cash_due } : {};
}

function sameStore(one: Job, other: Job): boolean {
  return one.store.name === other.store.name && one.store.address === other.store.address;
}
