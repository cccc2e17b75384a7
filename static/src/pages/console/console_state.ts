/** What the operator sees of all shows: kept by the `console` topic. */

import { computed, signal } from "@preact/signals";
import { socket } from "../../core/socket";
import type { CounterOrder } from "../../core/types";
import type { ConsoleShow, HeldMessage, PaymentAlert, Report } from "../../core/types_console";

export type Order = "attention" | "viewers";

/** How much a show needs a look: reports first, then what the rules found, then the audience. */
function urgency(show: ConsoleShow): number {
  return show.open_reports * 1_000_000 + show.flags.length * 10_000 + show.chat_rate + show.viewers / 1000;
}

export class ConsoleState {
  readonly loaded = signal(false);
  readonly refusal = signal<unknown>(null);
  readonly order = signal<Order>("attention");
  readonly openReports = signal(0);
  readonly waiting = signal(0);
  /** The last report and the last held message that came in while the page is open. */
  readonly lastReport = signal<Report | null>(null);
  readonly lastHeld = signal<HeldMessage | null>(null);
  /** The last word about money that needs a person: a new one, or one that is in order again. */
  readonly lastAlert = signal<PaymentAlert | null>(null);
  readonly openAlerts = signal(0);
  /** The last order that was found late, or whose goods came back or were decided about; and how many there were when
   * the page was opened and since. */
  readonly lastLate = signal<CounterOrder | null>(null);
  readonly late = signal(0);
  /** Shifts of now and the next two days that want somebody. */
  readonly shiftNeeds = signal(0);
  /** Orders whose goods came back and wait for a decision, as far as this page heard. */
  readonly backs = new Set<string>();
  private readonly byId = signal<ReadonlyMap<string, ConsoleShow>>(new Map());

  readonly shows = computed(() => {
    const by = this.order.value === "attention" ? urgency : (show: ConsoleShow) => show.viewers;
    return [...this.byId.value.values()].sort((a, b) => by(b) - by(a) || a.id.localeCompare(b.id));
  });

  show(id: string): ConsoleShow | undefined {
    return this.byId.value.get(id);
  }

  open(): () => void {
    return socket.subscribe<{ shows: ConsoleShow[] }>("console", {
      snapshot: ({ shows }) => {
        this.byId.value = new Map(shows.map((show) => [show.id, show]));
        this.loaded.value = true;
        this.refusal.value = null;
      },
      event: (kind, data) => {
        if (kind === "show") this.take((data as { show: ConsoleShow }).show);
        if (kind === "report") {
          this.lastReport.value = (data as { report: Report }).report;
          this.openReports.value += 1;
        }
        if (kind === "payment") this.hear((data as { alert: PaymentAlert }).alert);
        if (kind === "late") {
          const { order } = data as { order: CounterOrder };
          if ((order.late ?? []).length === 1) this.late.value += 1;
          this.lastLate.value = order;
        }
        if (kind === "back") {
          const { order } = data as { order: CounterOrder };
          const waits = order.status === "brought_back";
          if (waits !== this.backs.has(order.id)) this.late.value = Math.max(0, this.late.value + (waits ? 1 : -1));
          if (waits) this.backs.add(order.id);
          else this.backs.delete(order.id);
          this.lastLate.value = order;
        }
        if (kind === "held") {
          this.lastHeld.value = (data as { message: HeldMessage }).message;
          this.waiting.value += 1;
        }
      },
      refused: (problem) => (this.refusal.value = problem),
    });
  }

  private hear(alert: PaymentAlert): void {
    this.lastAlert.value = alert;
    this.openAlerts.value = Math.max(0, this.openAlerts.value + (alert.resolved_at === null ? 1 : -1));
  }

  take(show: ConsoleShow): void {
    const shows = new Map(this.byId.value);
    if (show.status === "live" || show.status === "paused") shows.set(show.id, { ...shows.get(show.id), ...show });
    else shows.delete(show.id);
    this.byId.value = shows;
  }
}
