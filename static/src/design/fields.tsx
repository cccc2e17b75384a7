import type { ComponentChildren, FocusEventHandler, KeyboardEventHandler, Ref } from "preact";
import { useId } from "preact/hooks";

import { cx } from "./class_names";
import { Icon } from "./icons";

export interface FieldProps {
  label: string;
  hint?: string;
  /** What is wrong, in words; marks the control invalid. */
  error?: string | null;
  /** Keeps the label for screen readers only. */
  labelHidden?: boolean;
  optional?: string;
  class?: string;
}

interface ControlIds {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": "true" | undefined;
}

/** A label, a control, and under it the error or the hint; the control gets the ids that tie them together. */
export function Field(props: FieldProps & { children: (ids: ControlIds) => ComponentChildren }) {
  const id = useId();
  const note = props.error ?? props.hint;
  const ids: ControlIds = {
    id,
    "aria-describedby": note ? `${id}-note` : undefined,
    "aria-invalid": props.error ? "true" : undefined,
  };
  return (
    <div class={cx("n-field", props.error && "n-field--bad", props.class)}>
      <label class={props.labelHidden ? "sr-only" : "n-field__label"} for={id}>
        {props.label}
        {props.optional && <span class="n-field__optional">{props.optional}</span>}
      </label>
      {props.children(ids)}
      {note && (
        <p class="n-field__note" id={`${id}-note`}>
          {props.error && <Icon name="alert" size={16} />}
          {note}
        </p>
      )}
    </div>
  );
}

/** What a control takes from HTML as it is. */
interface Native<E extends HTMLElement> {
  name?: string;
  placeholder?: string;
  autocomplete?: string;
  autocapitalize?: "off" | "none" | "on" | "sentences" | "words" | "characters";
  inputMode?: "none" | "text" | "tel" | "url" | "email" | "numeric" | "decimal" | "search";
  enterkeyhint?: "enter" | "done" | "go" | "next" | "previous" | "search" | "send";
  maxLength?: number;
  minLength?: number;
  required?: boolean;
  disabled?: boolean;
  readOnly?: boolean;
  autoFocus?: boolean;
  spellcheck?: boolean;
  onBlur?: FocusEventHandler<E>;
  onFocus?: FocusEventHandler<E>;
  onKeyDown?: KeyboardEventHandler<E>;
  controlRef?: Ref<E>;
  "data-testid"?: string;
}

export interface TextInputProps extends FieldProps, Native<HTMLInputElement> {
  type?: "text" | "tel" | "email" | "password" | "number" | "search" | "url" | "date" | "time" | "datetime-local";
  pattern?: string;
  min?: number | string;
  max?: number | string;
  step?: number | string;
  /** The id of a datalist: values to choose from. */
  list?: string;
  value: string;
  onValue: (value: string) => void;
  /** Shown inside, at the start or the end: a unit, an icon, a button. */
  start?: ComponentChildren;
  end?: ComponentChildren;
}

function splitField<P extends FieldProps>(props: P): { field: FieldProps; rest: Omit<P, keyof FieldProps> } {
  const { label, hint, error, labelHidden, optional, class: extra, ...rest } = props;
  const field: FieldProps = { label };
  if (hint !== undefined) field.hint = hint;
  if (error !== undefined) field.error = error;
  if (labelHidden !== undefined) field.labelHidden = labelHidden;
  if (optional !== undefined) field.optional = optional;
  if (extra !== undefined) field.class = extra;
  return { field, rest };
}

export function TextInput(props: TextInputProps) {
  const { field, rest } = splitField(props);
  const { value, onValue, start, end, controlRef, type = "text", ...native } = rest;
  return (
    <Field {...field}>
      {(ids) => (
        <span class="n-input">
          {start && <span class="n-input__side">{start}</span>}
          <input
            // The JSX types want one literal, not one of several; all of these take the same attributes.
            type={type as "text"}
            {...native}
            {...ids}
            ref={controlRef}
            class="n-input__control"
            value={value}
            onInput={(event) => onValue(event.currentTarget.value)}
          />
          {end && <span class="n-input__side">{end}</span>}
        </span>
      )}
    </Field>
  );
}

export interface TextAreaProps extends FieldProps, Native<HTMLTextAreaElement> {
  rows?: number;
  value: string;
  onValue: (value: string) => void;
}

export function TextArea(props: TextAreaProps) {
  const { field, rest } = splitField(props);
  const { value, onValue, controlRef, ...native } = rest;
  return (
    <Field {...field}>
      {(ids) => (
        <span class="n-input n-input--area">
          <textarea
            rows={3}
            {...native}
            {...ids}
            ref={controlRef}
            class="n-input__control"
            value={value}
            onInput={(event) => onValue(event.currentTarget.value)}
          />
        </span>
      )}
    </Field>
  );
}

export interface SelectOption {
  value: string;
  label: string;
  disabled?: boolean;
}

export interface SelectProps extends FieldProps {
  name?: string;
  required?: boolean;
  disabled?: boolean;
  "data-testid"?: string;
  value: string;
  options: readonly SelectOption[];
  onValue: (value: string) => void;
}

export function Select(props: SelectProps) {
  const { field, rest } = splitField(props);
  const { value, options, onValue, ...native } = rest;
  return (
    <Field {...field}>
      {(ids) => (
        <span class="n-input n-input--select">
          <select
            {...native}
            {...ids}
            class="n-input__control"
            value={value}
            onChange={(event) => onValue(event.currentTarget.value)}
          >
            {options.map((option) => (
              <option key={option.value} value={option.value} disabled={option.disabled}>
                {option.label}
              </option>
            ))}
          </select>
          <Icon name="chevron-down" size={20} class="n-input__arrow" />
        </span>
      )}
    </Field>
  );
}
