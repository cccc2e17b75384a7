import { cx } from "./class_names";
import { Icon, type IconName } from "./icons";
import { t } from "./words";

export interface SwitchProps {
  label: string;
  hint?: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  [data: `data-${string}`]: string | undefined;
}

export function Switch({ label, hint, checked, onChange, disabled, ...data }: SwitchProps) {
  return (
    <button
      type="button"
      {...data}
      role="switch"
      class="n-switch"
      aria-checked={checked ? "true" : "false"}
      disabled={disabled}
      onClick={() => onChange(!checked)}
    >
      <span class="n-switch__text">
        <span>{label}</span>
        {hint && <span class="n-switch__hint">{hint}</span>}
      </span>
      <span class="n-switch__track">
        <span class="n-switch__knob" />
      </span>
    </button>
  );
}

export interface StepperProps {
  /** What is counted, for screen readers. */
  label: string;
  lessLabel?: string;
  moreLabel?: string;
  value: number;
  min?: number;
  max?: number;
  onChange: (value: number) => void;
  "data-testid"?: string;
}

export function Stepper(props: StepperProps) {
  const { label, lessLabel = t("less"), moreLabel = t("more"), value, min = 1, max = 99, onChange, ...data } = props;
  return (
    <div class="n-stepper" role="group" aria-label={label} {...data}>
      <button type="button" aria-label={lessLabel} disabled={value <= min} onClick={() => onChange(Math.max(min, value - 1))}>
        <Icon name="minus" size={20} />
      </button>
      <output class="n-stepper__value num" aria-live="polite">
        {value}
      </output>
      <button type="button" aria-label={moreLabel} disabled={value >= max} onClick={() => onChange(Math.min(max, value + 1))}>
        <Icon name="plus" size={20} />
      </button>
    </div>
  );
}

export interface ChoiceOption<V extends string> {
  value: V;
  label: string;
  icon?: IconName;
  hint?: string;
}

export interface ChoiceProps<V extends string> {
  label: string;
  value: V | null;
  options: readonly ChoiceOption<V>[];
  onChange: (value: V) => void;
  /** Segmented: one bar. Chips: pills that wrap. Rows: one under another with hints. */
  look?: "segmented" | "chips" | "rows";
  class?: string;
}

const ARROWS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

/** One of a few: Tab comes to the chosen one, the arrow keys choose another. */
export function Choice<V extends string>({ label, value, options, onChange, look = "segmented", class: extra }: ChoiceProps<V>) {
  const chosen = options.some((option) => option.value === value) ? value : options[0]?.value;
  const move = (event: KeyboardEvent, at: number) => {
    const by = ARROWS[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const to = (at + by + options.length) % options.length;
    const next = options[to];
    if (!next) return;
    onChange(next.value);
    (event.currentTarget as HTMLElement).parentElement?.querySelectorAll<HTMLElement>("[role=radio]")[to]?.focus();
  };
  return (
    <div class={cx("n-choice", `n-choice--${look}`, extra)} role="radiogroup" aria-label={label}>
      {options.map((option, at) => (
        <button
          key={option.value}
          type="button"
          role="radio"
          tabIndex={option.value === chosen ? 0 : -1}
          onKeyDown={(event) => move(event, at)}
          class="n-choice__option"
          aria-checked={option.value === value ? "true" : "false"}
          onClick={() => onChange(option.value)}
        >
          {option.icon && <Icon name={option.icon} size={20} />}
          <span class="n-choice__text">
            <span>{option.label}</span>
            {option.hint && <span class="n-choice__hint">{option.hint}</span>}
          </span>
        </button>
      ))}
    </div>
  );
}

export interface TabItem<V extends string> {
  value: V;
  label: string;
  count?: number;
}

export interface TabsProps<V extends string> {
  label: string;
  value: V;
  items: readonly TabItem<V>[];
  onChange: (value: V) => void;
  class?: string;
}

/** A row of tabs; arrow keys move between them. The panel is the caller's, labelled by what it shows. */
export function Tabs<V extends string>({ label, value, items, onChange, class: extra }: TabsProps<V>) {
  const move = (event: KeyboardEvent, by: number) => {
    event.preventDefault();
    const at = items.findIndex((item) => item.value === value);
    const next = items[(at + by + items.length) % items.length];
    if (!next) return;
    onChange(next.value);
    const list = (event.currentTarget as HTMLElement).parentElement;
    list?.querySelectorAll<HTMLElement>("[role=tab]")[items.indexOf(next)]?.focus();
  };
  return (
    <div class={cx("n-tabs", extra)} role="tablist" aria-label={label}>
      {items.map((item) => (
        <button
          key={item.value}
          type="button"
          role="tab"
          class="n-tabs__tab"
          aria-selected={item.value === value ? "true" : "false"}
          tabIndex={item.value === value ? 0 : -1}
          onClick={() => onChange(item.value)}
          onKeyDown={(event) => {
            if (event.key === "ArrowRight") move(event, 1);
            if (event.key === "ArrowLeft") move(event, -1);
          }}
        >
          {item.label}
          {item.count !== undefined && item.count > 0 && <span class="n-tabs__count num">{item.count}</span>}
        </button>
      ))}
    </div>
  );
}
