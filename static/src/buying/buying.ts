/** The state of one buy sheet: which step, what is chosen, and what the server said. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { ApiProblem } from "../core/api";
import type { Address, Card, Order, Quote, Show } from "../core/types";
import { address, keepAddress } from "./address";
import { cardDetails, cardFaults, EMPTY_CARD } from "./card_form";
import { Checkout, type CardDetails } from "./checkout";
import { keepOrder } from "./my_orders";

export type Step = "choose" | "address" | "pay" | "track";

export interface Buying {
  step: Step;
  quantity: number;
  quote: Quote | null;
  quoteError: unknown;
  placed: Order | null;
  card: CardDetails;
  note: string;
  /** The person has pressed pay: show what is wrong with the fields. */
  tried: boolean;
  busy: boolean;
  error: unknown;
  /** The total has changed under the person's eyes to this. */
  newTotal: number | null;
  setQuantity(quantity: number): void;
  setCard(card: CardDetails): void;
  setNote(note: string): void;
  go(step: Step): void;
  saveAddress(address: Address): void;
  askQuote(): void;
  pay(): Promise<void>;
}

export function useBuying(show: Show, card: Card): Buying {
  const [step, setStep] = useState<Step>("choose");
  const [quantity, setQuantity] = useState(1);
  const [quote, setQuote] = useState<Quote | null>(null);
  const [quoteError, setQuoteError] = useState<unknown>(null);
  const [placed, setPlaced] = useState<Order | null>(null);
  const [details, setDetails] = useState<CardDetails>(EMPTY_CARD);
  const [note, setNote] = useState("");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [newTotal, setNewTotal] = useState<number | null>(null);
  const after = useRef<Step>("choose");
  const asked = useRef(0);

  const checkout = useMemo(
    () => new Checkout(show.id, [{ product_id: card.product.id, quantity, card_id: card.id }]),
    [show.id, card.id, quantity],
  );

  async function askQuote(): Promise<Quote | null> {
    const to = address.peek();
    if (!to) return null;
    asked.current += 1;
    const mine = asked.current;
    setQuoteError(null);
    try {
      const fresh = await checkout.quote(to);
      if (mine === asked.current) setQuote(fresh);
      return fresh;
    } catch (problem) {
      if (mine === asked.current) setQuoteError(problem);
      return null;
    }
  }

  const to = address.value;
  useEffect(() => {
    if (step !== "pay" || placed) return;
    setQuote(null);
    void askQuote();
  }, [step, checkout, to]);

  async function priceChanged(problem: ApiProblem): Promise<void> {
    const fresh = await askQuote();
    const told = problem.extra["total"];
    setNewTotal(fresh?.total ?? (typeof told === "number" ? told : null));
  }

  async function pay(): Promise<void> {
    setTried(true);
    if (!to || !quote || busy) return;
    if (Object.values(cardFaults(details)).some(Boolean)) return;
    setBusy(true);
    setError(null);
    setNewTotal(null);
    try {
      const order = placed ?? (await checkout.place(to, quote.total, note.trim()));
      setPlaced(order);
      keepOrder(order);
      const paid = await checkout.pay(order, cardDetails(details));
      keepOrder(paid);
      setPlaced(paid);
      setDetails(EMPTY_CARD);
      setStep("track");
    } catch (problem) {
      setError(problem);
      if (problem instanceof ApiProblem && problem.code === "price_changed") await priceChanged(problem);
      // The order was cancelled in the meantime (not paid in time): the next click places a new one.
      if (problem instanceof ApiProblem && problem.code === "wrong_status") setPlaced(null);
    } finally {
      setBusy(false);
    }
  }

  return {
    step,
    quantity,
    quote,
    quoteError,
    placed,
    card: details,
    note,
    tried,
    busy,
    error,
    newTotal,
    setQuantity,
    setCard: setDetails,
    setNote,
    go: (next) => {
      if (next === "address") after.current = step === "address" ? "choose" : step;
      setError(null);
      setStep(next);
    },
    saveAddress: (next) => {
      keepAddress(next);
      setStep(after.current);
    },
    askQuote: () => void askQuote(),
    pay,
  };
}
