import type { ButtonHTMLAttributes, ComponentChildren, Ref } from "preact";

import { cx } from "./class_names";
import { Icon, type IconName } from "./icons";
import { Spinner } from "./progress";

export type ButtonVariant = "primary" | "secondary" | "quiet" | "danger" | "inverse" | "glass";

type Native = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "size" | "icon" | "ref" | "class">;

export interface ButtonProps extends Native {
  variant?: ButtonVariant;
  size?: "m" | "s" | "l";
  /** Fills the width of its container. */
  wide?: boolean;
  /** Shows a spinner and refuses clicks; width and focus stay. */
  busy?: boolean;
  icon?: IconName;
  class?: string;
  buttonRef?: Ref<HTMLButtonElement>;
  children?: ComponentChildren;
}

/** A disabled button would lose the focus, so a busy one is told to refuse instead; this stops a form's Enter key too. */
function refuse(event: Event): void {
  event.preventDefault();
  event.stopPropagation();
}

export function Button(props: ButtonProps) {
  const { variant = "secondary", size = "m", wide, busy, icon, class: extra, buttonRef, children, ...rest } = props;
  return (
    <button
      type="button"
      {...rest}
      ref={buttonRef}
      class={cx("n-button", `n-button--${variant}`, size !== "m" && `n-button--${size}`, wide && "n-button--wide", extra)}
      aria-busy={busy ? "true" : undefined}
      aria-disabled={busy ? "true" : undefined}
      onClick={busy ? refuse : rest.onClick}
    >
      <span class="n-button__face">
        {icon && <Icon name={icon} size={size === "s" ? 18 : 20} />}
        {children}
      </span>
      {busy && <Spinner class="n-button__spinner" size={20} />}
    </button>
  );
}

export interface ButtonLinkProps {
  href: string;
  variant?: ButtonVariant;
  size?: "m" | "s" | "l";
  wide?: boolean;
  icon?: IconName;
  class?: string;
  children?: ComponentChildren;
  [data: `data-${string}`]: string | undefined;
}

/** A link that looks like a button: for going somewhere, never for doing something. */
export function ButtonLink(props: ButtonLinkProps) {
  const { variant = "secondary", size = "m", wide, icon, class: extra, children, ...rest } = props;
  return (
    <a
      {...rest}
      class={cx("n-button", `n-button--${variant}`, size !== "m" && `n-button--${size}`, wide && "n-button--wide", extra)}
    >
      <span class="n-button__face">
        {icon && <Icon name={icon} size={size === "s" ? 18 : 20} />}
        {children}
      </span>
    </a>
  );
}

export interface IconButtonProps extends Native {
  icon: IconName;
  /** What it does; the accessible name and the tooltip. */
  label: string;
  variant?: "plain" | "soft" | "glass" | "primary";
  size?: number;
  class?: string;
  /** A small number at the corner, for counts. */
  count?: number;
  buttonRef?: Ref<HTMLButtonElement>;
}

export function IconButton(props: IconButtonProps) {
  const { icon, label, variant = "plain", size = 24, class: extra, count = 0, buttonRef, ...rest } = props;
  const counted = count > 99 ? "99+" : String(count);
  return (
    <button
      type="button"
      {...rest}
      ref={buttonRef}
      class={cx("n-icon-button", `n-icon-button--${variant}`, extra)}
      aria-label={count > 0 ? `${label}, ${counted}` : label}
      title={label}
    >
      <Icon name={icon} size={size} />
      {count > 0 && <span class="n-icon-button__count num">{counted}</span>}
    </button>
  );
}
