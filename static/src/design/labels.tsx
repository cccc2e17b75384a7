import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

import { cx } from "./class_names";
import { Icon, type IconName } from "./icons";

export type Tone = "neutral" | "accent" | "good" | "warn" | "bad" | "info";

export interface BadgeProps {
  tone?: Tone;
  /** Filled with the tone's strong colour. */
  solid?: boolean;
  icon?: IconName;
  /** A pulsing dot before the text, for what goes on now. */
  live?: boolean;
  class?: string;
  children?: ComponentChildren;
  "data-testid"?: string;
}

export function Badge({ tone = "neutral", solid, icon, live, class: extra, children, ...data }: BadgeProps) {
  return (
    <span {...data} class={cx("n-badge", `n-badge--${tone}`, solid && "n-badge--solid", extra)}>
      {live && <span class="n-badge__dot" aria-hidden="true" />}
      {icon && <Icon name={icon} size={14} />}
      {children}
    </span>
  );
}

/** A status as a pill: a dot in the tone's colour, and a word. */
export function StatusPill({ tone = "neutral", children, ...data }: { tone?: Tone; children: ComponentChildren; "data-testid"?: string }) {
  return (
    <span {...data} class={cx("n-badge", `n-badge--${tone}`, "n-badge--pill")}>
      <span class="n-badge__dot n-badge__dot--still" aria-hidden="true" />
      {children}
    </span>
  );
}

export interface AvatarProps {
  name: string;
  /** Side in CSS pixels. */
  size?: number;
  src?: string | null;
}

/** The first character of a name on a quiet colour that stays the same for the name. */
export function Avatar({ name, size = 36, src }: AvatarProps) {
  const tint = [...name].reduce((sum, char) => (sum * 31 + (char.codePointAt(0) ?? 0)) % 6, 0);
  return (
    <span class={`n-avatar n-avatar--${tint}`} style={{ width: `${size}px`, height: `${size}px`, fontSize: `${size * 0.42}px` }} aria-hidden="true">
      {src ? <img src={src} alt="" loading="lazy" /> : [...name.trim()][0]?.toUpperCase() ?? "·"}
    </span>
  );
}

export interface CountdownProps {
  /** Milliseconds since the epoch. */
  until: number;
  onEnd?: () => void;
  class?: string;
}

function clock(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

/** Counts down to a time, h:mm:ss, and calls `onEnd` once there. */
export function Countdown({ until, onEnd, class: extra }: CountdownProps) {
  const [now, setNow] = useState(() => Date.now());
  const over = now >= until;
  useEffect(() => {
    if (over) {
      onEnd?.();
      return;
    }
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [until, over]);
  return (
    <span class={cx("n-countdown num", extra)} role="timer">
      {clock(until - now)}
    </span>
  );
}
