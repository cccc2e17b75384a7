/** Paying placed orders: which way, the card, and what the provider makes of it. */

import { useEffect, useRef, useState } from "preact/hooks";

import { ApiProblem, get, post } from "../core/api";
import type { Order, PaymentMethod } from "../core/types";
import { cardDetails, cardFaults, EMPTY_CARD } from "./card_form";
import { Once, type CardDetails } from "./checkout";
import { keepOrder, orders as known } from "./my_orders";

/** How often a payment that takes its time is asked for (ms). */
const LOOK_EVERY = 3_000;
const METHOD_KEY = "nearlive.pay";

/** What stands between a press of the button and a paid order. */
export type Waiting =
  /** The buyer has to confirm on the sandbox's bank page. */
  | { kind: "action"; order: Order }
  /** The provider takes the card itself. */
  | { kind: "stripe"; order: Order; secret: string; key: string; script: string }
  /** The bank takes its time. */
  | { kind: "pending"; order: Order };

export interface Paying {
  /** Null while they are asked for. */
  methods: readonly PaymentMethod[] | null;
  method: PaymentMethod | null;
  card: CardDetails;
  /** The person has pressed pay: show what is wrong with the fields. */
  tried: boolean;
  busy: boolean;
  error: unknown;
  waiting: Waiting | null;
  choose: (provider: string) => void;
  setCard: (card: CardDetails) => void;
  loadMethods: () => void;
  /** Whether nothing is missing; from now on the form shows what is. */
  check: () => boolean;
  /** Pays those that are not paid yet, one after another. True when all are; false when one waits or was refused. */
  pay: (orders: readonly Order[]) => Promise<boolean>;
  /** The buyer's answer on the sandbox's bank page. */
  confirm: (approve: boolean) => Promise<void>;
  /** Looks how the payment stands, after the provider's own form. */
  look: () => Promise<void>;
  fail: (error: unknown) => void;
}

export const isPaid = (order: Order): boolean => order.status !== "placed" || ["authorised", "captured"].includes(order.payment.status);

/** `onPaid` is called when the last of the orders that were to be paid is. `total` is what is to be paid, in minor units. */
export function usePaying(total: number | null, onPaid: () => void): Paying {
  const [methods, setMethods] = useState<readonly PaymentMethod[] | null>(null);
  const [provider, setProvider] = useState(() => localStorage.getItem(METHOD_KEY));
  const [card, setCard] = useState<CardDetails>(EMPTY_CARD);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [waiting, setWaiting] = useState<Waiting | null>(null);
  const once = useRef(new Once());
  const left = useRef<readonly Order[]>([]);
  const offered = (methods ?? []).filter(({ max_total }) => max_total === null || total === null || total <= max_total);
  const method = offered.find((one) => one.provider === provider) ?? offered[0] ?? null;

  function loadMethods(): void {
    get<{ items: PaymentMethod[] }>("/api/payments/methods", {}, { anonymous: true }).then(({ items }) => setMethods(items), setError);
  }
  useEffect(loadMethods, []);

  function check(): boolean {
    setTried(true);
    return method !== null && (method.kind !== "card" || !Object.values(cardFaults(card)).some(Boolean));
  }

  /** Follows what the provider said of an order; true when it is paid. */
  function took(order: Order): boolean {
    keepOrder(order);
    const { payment } = order;
    if (isPaid(order)) return true;
    if (payment.status === "action" && payment.client_secret) {
      const key = payment.publishable_key ?? method?.publishable_key ?? "";
      setWaiting({ kind: "stripe", order, secret: payment.client_secret, key, script: method?.script_url ?? "" });
    } else if (payment.status === "action") setWaiting({ kind: "action", order });
    else if (payment.status === "pending") setWaiting({ kind: "pending", order });
    else {
      setWaiting(null);
      setError(new ApiProblem("payment_failed", 402));
    }
    return false;
  }

  async function payAll(): Promise<boolean> {
    for (const order of left.current) {
      const now = known.peek().get(order.id) ?? order;
      if (isPaid(now)) continue;
      if (!method) return false;
      const means = method.kind === "card" ? { card: cardDetails(card) } : {};
      const answer = await once.current.send<Order>(`/api/orders/${order.id}/pay`, { provider: method.provider, ...means });
      if (!took(answer)) return false;
    }
    setWaiting(null);
    setCard(EMPTY_CARD);
    setTried(false);
    onPaid();
    return true;
  }

  async function during(task: () => Promise<boolean>): Promise<boolean> {
    setBusy(true);
    setError(null);
    try {
      return await task();
    } catch (problem) {
      setWaiting(null);
      setError(problem);
      return false;
    } finally {
      setBusy(false);
    }
  }

  const ask = (path: string, body: unknown, order: Order): Promise<Order> => post<Order>(`/api/orders/${order.id}/payment/${path}`, body);

  async function look(): Promise<void> {
    const order = waiting?.order;
    if (!order) return;
    await during(async () => took(await ask("refresh", {}, order)) && payAll());
  }

  // A payment that takes its time: the topic tells how it ends, and asking does where the topic is silent.
  const pending = waiting?.kind === "pending" ? waiting.order : null;
  const told = pending ? known.value.get(pending.id) : undefined;
  useEffect(() => {
    if (!pending || !told || told.payment.status === "pending") return;
    void during(async () => took(told) && payAll());
  }, [told]);
  useEffect(() => {
    if (!pending) return undefined;
    const timer = setInterval(() => void ask("refresh", {}, pending).then(keepOrder, () => undefined), LOOK_EVERY);
    return () => clearInterval(timer);
  }, [pending?.id]);

  return {
    methods,
    method,
    card,
    tried,
    busy,
    error,
    waiting,
    choose: (next) => {
      localStorage.setItem(METHOD_KEY, next);
      setProvider(next);
      setError(null);
    },
    setCard,
    loadMethods,
    check,
    pay: async (orders) => {
      left.current = orders;
      return during(payAll);
    },
    confirm: async (approve) => {
      const order = waiting?.order;
      if (!order) return;
      await during(async () => {
        const answer = await ask("confirm", { approve }, order);
        if (!approve && !isPaid(answer)) {
          keepOrder(answer);
          setWaiting(null);
          throw new ApiProblem("authentication_failed", 402);
        }
        return took(answer) && payAll();
      });
    },
    look,
    fail: (problem) => {
      setWaiting(null);
      setError(problem);
    },
  };
}
