/** Ready-made messages: sent as codes, so that everybody reads them in the own language. */

import { words } from "../core/i18n";
import type { Message, TrackingStatus } from "../core/types";

const t = words({
  zh: {
    coming_down: "我下来取",
    ring_bell: "请按门铃",
    call_on_arrival: "到了请打电话",
    leave_at_door: "请放在门口",
    take_your_time: "不着急，慢慢来",
    thanks: "谢谢！",
    waiting_at_store: "我在门店等取货",
    on_my_way: "我已取货，正在路上",
    almost_there: "我马上到",
    at_the_door: "我在门口了",
    cannot_find: "找不到地址，怎么走？",
    nobody_there: "我在门口，没有人应门",
    a_little_late: "会晚几分钟，抱歉",
  },
  en: {
    coming_down: "I am coming down",
    ring_bell: "Please ring the bell",
    call_on_arrival: "Please call when you are here",
    leave_at_door: "Please leave it at the door",
    take_your_time: "No hurry, take your time",
    thanks: "Thank you!",
    waiting_at_store: "I am at the store, waiting for your order",
    on_my_way: "I have your order and am on my way",
    almost_there: "I am almost there",
    at_the_door: "I am at the door",
    cannot_find: "I cannot find the address. Which way?",
    nobody_there: "I am at your door and nobody opens",
    a_little_late: "It will be a few minutes late, sorry",
  },
});

const EARLY = ["ring_bell", "call_on_arrival", "leave_at_door", "take_your_time"] as const;
const CLOSE = ["coming_down", "leave_at_door", "ring_bell", "take_your_time"] as const;
const AFTER = ["thanks"] as const;
const COURIERS = ["waiting_at_store", "on_my_way", "almost_there", "at_the_door", "cannot_find", "nobody_there", "a_little_late"] as const;

export type Phrase = (typeof EARLY | typeof CLOSE | typeof AFTER)[number];
export type CourierPhrase = (typeof COURIERS | typeof AFTER)[number];
const KNOWN: readonly string[] = [...EARLY, ...CLOSE, ...AFTER, ...COURIERS];

export const phrase = (quick: Phrase | CourierPhrase): string => t(quick);

/** Those that fit how far the order is. */
export function phrasesFor(status: TrackingStatus): readonly Phrase[] {
  if (status === "arriving") return CLOSE;
  return status === "delivered" || status === "returned" ? AFTER : EARLY;
}

/** What was said, in this page's language. */
export function wordsOf({ text, quick }: Pick<Message, "text" | "quick">): string {
  return quick && KNOWN.includes(quick) ? t(quick as Phrase) : text;
}
