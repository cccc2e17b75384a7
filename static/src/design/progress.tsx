import { cx } from "./class_names";
import { Icon } from "./icons";

export function Spinner({ size = 24, class: extra, label }: { size?: number; class?: string; label?: string }) {
  return (
    <svg
      class={cx("n-spinner", extra)}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : "true"}
    >
      <circle class="n-spinner__track" cx="12" cy="12" r="9" />
      <path class="n-spinner__arc" d="M12 3a9 9 0 0 1 9 9" />
    </svg>
  );
}

export interface SkeletonProps {
  /** Any CSS length; the full width without it. */
  width?: string;
  height?: string;
  /** width / height, in place of a height. */
  ratio?: string;
  round?: boolean;
  class?: string;
}

export function Skeleton({ width, height = "1em", ratio, round, class: extra }: SkeletonProps) {
  const style = ratio
    ? { width: width ?? "100%", aspectRatio: ratio }
    : { width: width ?? "100%", height };
  return <span class={cx("n-skeleton", round && "n-skeleton--round", extra)} style={style} aria-hidden="true" />;
}

export interface ProgressStep {
  id: string;
  title: string;
  /** A time or a note under the title. */
  note?: string;
}

export interface ProgressStepsProps {
  steps: readonly ProgressStep[];
  /** Index of the step being done now; all before it are done. `steps.length` when everything is. */
  current: number;
  label: string;
  layout?: "row" | "column";
}

export function ProgressSteps({ steps, current, label, layout = "row" }: ProgressStepsProps) {
  return (
    <ol class={cx("n-steps", `n-steps--${layout}`)} aria-label={label}>
      {steps.map((step, at) => {
        const state = at < current ? "done" : at === current ? "now" : "later";
        return (
          <li key={step.id} class={`n-steps__step n-steps__step--${state}`} aria-current={state === "now" ? "step" : undefined}>
            <span class="n-steps__dot">{state === "done" && <Icon name="check" size={14} />}</span>
            <span class="n-steps__text">
              <span class="n-steps__title">{step.title}</span>
              {step.note && <span class="n-steps__note num">{step.note}</span>}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
