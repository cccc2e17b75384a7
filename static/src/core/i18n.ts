/**
 * Chinese and English. A page has one dictionary: `const t = words({ zh: {…}, en: {…} })`, then `t("key", { n: 3 })`.
 * Keys are checked by the compiler, both languages must have the same ones, and components that call `t` or a
 * formatter are drawn again when the language changes.
 */

import { signal } from "@preact/signals";

export type Lang = "zh" | "en";
/** A sentence with `{name}` holes, or its forms by the number `n`. */
export type Sentence = string | { one: string; other: string };
type Vars = Record<string, string | number>;

const KEY = "nearlive.lang";

function detect(): Lang {
  const stored = localStorage.getItem(KEY);
  if (stored === "zh" || stored === "en") return stored;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export const lang = signal<Lang>(detect());

export function setLang(next: Lang): void {
  localStorage.setItem(KEY, next);
  lang.value = next;
  document.documentElement.lang = locale();
}

/** The BCP 47 tag for Intl and `<html lang>`. */
export function locale(): string {
  return lang.value === "zh" ? "zh-CN" : "en";
}

type Dictionary<K extends string> = Record<Lang, Record<K, Sentence>>;
export type Translate<K extends string> = (key: K, vars?: Vars) => string;

export function words<E extends Record<string, Sentence>>(dictionary: {
  en: E;
  zh: { [K in keyof E]: Sentence };
}): Translate<keyof E & string> {
  const both = dictionary as Dictionary<keyof E & string>;
  return (key, vars = {}) => fill(both[lang.value][key], vars);
}

function fill(sentence: Sentence, vars: Vars): string {
  const form = typeof sentence === "string" ? sentence : sentence[plural(Number(vars["n"]))];
  return form.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = vars[name];
    if (value === undefined) return hole;
    return typeof value === "number" ? number(value) : value;
  });
}

function plural(count: number): "one" | "other" {
  return new Intl.PluralRules(locale()).select(count) === "one" ? "one" : "other";
}

const formatters = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>();

function formatter<F extends Intl.NumberFormat | Intl.DateTimeFormat | Intl.RelativeTimeFormat>(
  name: string,
  make: (tag: string) => F,
): F {
  const key = `${locale()} ${name}`;
  let found = formatters.get(key) as F | undefined;
  if (!found) formatters.set(key, (found = make(locale())));
  return found;
}

export function number(value: number): string {
  return formatter("number", (tag) => new Intl.NumberFormat(tag, { maximumFractionDigits: 1 })).format(value);
}

/** 12,345 → "1.2万" or "12K": for viewers and hearts. */
export function compact(value: number): string {
  const options: Intl.NumberFormatOptions = { notation: "compact", maximumFractionDigits: 1 };
  return formatter("compact", (tag) => new Intl.NumberFormat(tag, options)).format(value);
}

/** Minor units → "¥59" or "¥59.50". */
export function money(minor: number, currency = "CNY"): string {
  const digits = minor % 100 === 0 ? 0 : 2;
  return formatter(`money ${currency} ${digits}`, (tag) => {
    const fraction = { minimumFractionDigits: digits, maximumFractionDigits: digits };
    return new Intl.NumberFormat(tag, { style: "currency", currency, currencyDisplay: "narrowSymbol", ...fraction });
  }).format(minor / 100);
}

/** Metres → "350 m" or "2.4 km". */
export function distance(metres: number): string {
  const far = metres >= 1000;
  const value = far ? Math.round(metres / 100) / 10 : Math.max(10, Math.round(metres / 10) * 10);
  return formatter(`distance ${far}`, (tag) => {
    return new Intl.NumberFormat(tag, { style: "unit", unit: far ? "kilometer" : "meter", unitDisplay: "short" });
  }).format(value);
}

type Moment = string | number | Date;

/** "14:05" */
export function clock(at: Moment): string {
  const options: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return formatter("clock", (tag) => new Intl.DateTimeFormat(tag, options)).format(new Date(at));
}

/** "14:05:09": where the second matters (logs). */
export function clockSeconds(at: Moment): string {
  const options: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  return formatter("seconds", (tag) => new Intl.DateTimeFormat(tag, options)).format(new Date(at));
}

/** "14:05" today, "Tue 14:05" within a week, else with the date, and with the year unless it is this one. */
export function when(at: Moment, now: number = Date.now()): string {
  const moment = new Date(at);
  if (moment.toDateString() === new Date(now).toDateString()) return clock(moment);
  const near = Math.abs(moment.getTime() - now) < 6 * 86_400_000;
  const year: Intl.DateTimeFormatOptions = moment.getFullYear() === new Date(now).getFullYear() ? {} : { year: "numeric" };
  const day: Intl.DateTimeFormatOptions = near ? { weekday: "short" } : { ...year, month: "short", day: "numeric" };
  return `${formatter(`day ${near} ${!near && year.year}`, (tag) => new Intl.DateTimeFormat(tag, day)).format(moment)} ${clock(moment)}`;
}

/** "Mon 23", or "Monday, 23 November". */
export function dayName(at: Moment, long = false): string {
  const options: Intl.DateTimeFormatOptions = long ? { weekday: "long", month: "long", day: "numeric" } : { weekday: "short", day: "numeric" };
  return formatter(`day name ${long}`, (tag) => new Intl.DateTimeFormat(tag, options)).format(new Date(at));
}

/** "23 – 29 Nov" */
export function dayRange(from: Moment, to: Moment): string {
  const options: Intl.DateTimeFormatOptions = { month: "short", day: "numeric" };
  return formatter("day range", (tag) => new Intl.DateTimeFormat(tag, options)).formatRange(new Date(from), new Date(to));
}

/** "14 Nov, 14:05", with the year unless it is this one: where the date matters. */
export function moment(at: Moment, now: number = Date.now()): string {
  const then = new Date(at);
  const same = then.getFullYear() === new Date(now).getFullYear();
  const options: Intl.DateTimeFormatOptions = {
    ...(same ? {} : { year: "numeric" }),
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  };
  return formatter(`moment ${same}`, (tag) => new Intl.DateTimeFormat(tag, options)).format(then);
}

/** "3 minutes ago", "in 2 hours". */
export function ago(at: Moment, now: number = Date.now()): string {
  const seconds = (new Date(at).getTime() - now) / 1000;
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86_400], ["hour", 3_600], ["minute", 60]];
  const format = formatter("ago", (tag) => new Intl.RelativeTimeFormat(tag, { numeric: "auto", style: "short" }));
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  }
  return format.format(0, "second");
}

/** Seconds → "4:05" or "1:04:05"; negative ones count as 0. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (value: number) => String(value).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}

/** Minutes → "25 min" or "25分钟". */
export function minutes(count: number): string {
  return formatter("minutes", (tag) => {
    return new Intl.NumberFormat(tag, { style: "unit", unit: "minute", unitDisplay: "short" });
  }).format(Math.round(count));
}
