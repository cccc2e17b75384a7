/** Entering a short code with big keys: works by touch, by keyboard and by paste. */

import { useEffect, useRef } from "preact/hooks";
import { cx } from "../design/class_names";
import { Icon } from "../design/icons";
import { t } from "./text";

export interface KeypadProps {
  label: string;
  length: number;
  value: string;
  onValue: (value: string) => void;
  /** The last digit was entered. */
  onDone?: (value: string) => void;
  error?: string | null;
  disabled?: boolean;
  "data-testid"?: string;
}

export function Keypad(props: KeypadProps) {
  const { label, length, value, onValue, onDone, error, disabled } = props;
  const input = useRef<HTMLInputElement>(null);
  const change = (text: string) => {
    const digits = text.replace(/\D/g, "").slice(0, length);
    if (digits === value) return;
    onValue(digits);
    if (digits.length === length) onDone?.(digits);
  };
  useEffect(() => {
    // A mouse and a keyboard are at hand: typing works at once. On phones our own keys do, so theirs stays away.
    if (matchMedia("(pointer: fine)").matches) input.current?.focus();
  }, []);
  return (
    <div class="w-keypad">
      <div class={cx("w-keypad__code", error && "w-keypad__code--bad")}>
        {Array.from({ length }, (_, at) => (
          <span key={at} class={cx("w-keypad__digit num", at === value.length && "w-keypad__digit--next")}>
            {value[at] ?? ""}
          </span>
        ))}
        <input
          ref={input}
          class="w-keypad__input"
          type="text"
          inputMode="none"
          autocomplete="one-time-code"
          aria-label={label}
          aria-invalid={error ? "true" : undefined}
          maxLength={length}
          value={value}
          disabled={disabled}
          onInput={(event) => change(event.currentTarget.value)}
          data-testid={props["data-testid"]}
        />
      </div>
      <p class="w-keypad__error" role="alert">
        {error}
      </p>
      <div class="w-keypad__keys" role="group" aria-label={t("digit_keys")}>
        {["1", "2", "3", "4", "5", "6", "7", "8", "9"].map((digit) => (
          <button key={digit} type="button" disabled={disabled} onClick={() => change(value + digit)}>
            {digit}
          </button>
        ))}
        <span />
        <button type="button" disabled={disabled} onClick={() => change(`${value}0`)}>
          0
        </button>
        <button
          type="button"
          disabled={disabled || value === ""}
          aria-label={t("clear_digit")}
          onClick={() => change(value.slice(0, -1))}
        >
          <Icon name="back" size={26} />
        </button>
      </div>
    </div>
  );
}
