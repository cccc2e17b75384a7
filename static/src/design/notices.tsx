import type { ComponentChildren } from "preact";

import { isMissing, problemCode, problemText } from "../core/problems";
import { Button } from "./button";
import { cx } from "./class_names";
import { Icon, type IconName } from "./icons";
import type { Tone } from "./labels";

import { t } from "./words";

const BANNER_ICONS: Readonly<Record<Tone, IconName>> = {
  neutral: "info",
  accent: "bolt",
  good: "check-circle",
  warn: "alert",
  bad: "alert",
  info: "info",
};

export interface BannerProps {
  tone?: Tone;
  title?: string;
  icon?: IconName;
  action?: ComponentChildren;
  /** Read out as soon as it appears. */
  alert?: boolean;
  class?: string;
  children?: ComponentChildren;
  "data-testid"?: string;
}

export function Banner({ tone = "info", title, icon, action, alert, class: extra, children, ...data }: BannerProps) {
  return (
    <div {...data} class={cx("n-banner", `n-banner--${tone}`, extra)} role={alert ? "alert" : "status"}>
      <Icon name={icon ?? BANNER_ICONS[tone]} size={20} />
      <div class="n-banner__text">
        {title && <strong>{title}</strong>}
        {children}
      </div>
      {action}
    </div>
  );
}

/** A problem beside the thing that it is about; nothing when there is none. */
export function ProblemNote({ error, ...data }: { error: unknown; "data-testid"?: string }) {
  if (error === null || error === undefined) return null;
  return (
    <div data-code={problemCode(error) ?? undefined}>
      <Banner {...data} tone="bad" alert>
        {problemText(error)}
      </Banner>
    </div>
  );
}

export interface EmptyStateProps {
  /** `h1` where it is all that the page says. */
  heading?: "h1" | "h2";
  icon?: IconName;
  title: string;
  text?: string;
  action?: ComponentChildren;
  class?: string;
  "data-testid"?: string;
}

export function EmptyState({ heading: Heading = "h2", icon = "box", title, text, action, class: extra, ...data }: EmptyStateProps) {
  return (
    <div {...data} class={cx("n-empty", extra)}>
      <span class="n-empty__icon">
        <Icon name={icon} size={32} />
      </span>
      <Heading class="n-empty__title">{title}</Heading>
      {text && <p class="n-empty__text">{text}</p>}
      {action && <div class="n-empty__action">{action}</div>}
    </div>
  );
}

export interface ErrorStateProps {
  /** `h1` where it is all that the page says. */
  heading?: "h1" | "h2";
  /** Anything thrown; its code chooses the sentence. */
  error: unknown;
  title?: string;
  onRetry?: () => void;
  busy?: boolean;
  /** Another way on, beside trying again. */
  action?: ComponentChildren;
  class?: string;
}

/** In place of what could not be loaded: what happened, and the way on. */
export function ErrorState({ heading: Heading = "h2", error, title, onRetry, busy, action, class: extra }: ErrorStateProps) {
  const code = problemCode(error);
  const icon: IconName = code === "offline" ? "signal-off" : isMissing(error) ? "search" : "alert";
  return (
    <div class={cx("n-empty", extra)} role="alert" data-testid="error-state" data-code={code ?? undefined}>
      <span class="n-empty__icon n-empty__icon--bad">
        <Icon name={icon} size={32} />
      </span>
      {title && <Heading class="n-empty__title">{title}</Heading>}
      <p class="n-empty__text">{problemText(error)}</p>
      {(onRetry || action) && (
        <div class="n-empty__action">
          {onRetry && (
            <Button icon="refresh" busy={busy} onClick={onRetry}>
              {t("retry")}
            </Button>
          )}
          {action}
        </div>
      )}
    </div>
  );
}
