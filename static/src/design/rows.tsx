import type { ComponentChildren } from "preact";

import { cx } from "./class_names";
import { Icon, type IconName } from "./icons";

export interface RowProps {
  title: ComponentChildren;
  note?: ComponentChildren;
  start?: ComponentChildren;
  end?: ComponentChildren;
  href?: string;
  onClick?: () => void;
  selected?: boolean;
  class?: string;
  "data-testid"?: string;
}

/** One row of a list: something at the start, two lines, something at the end; a link or a button when it leads anywhere. */
export function Row({ title, note, start, end, href, onClick, selected, class: extra, ...data }: RowProps) {
  const content = (
    <>
      {start && <span class="n-row__start">{start}</span>}
      <span class="n-row__text">
        <span class="n-row__title">{title}</span>
        {note && <span class="n-row__note">{note}</span>}
      </span>
      {end && <span class="n-row__end">{end}</span>}
      {href && !end && <Icon name="chevron-right" size={20} class="n-row__arrow" />}
    </>
  );
  const name = cx("n-row", (href || onClick) && "n-row--active", selected && "n-row--selected", extra);
  if (href) {
    return (
      <a {...data} class={name} href={href}>
        {content}
      </a>
    );
  }
  if (onClick) {
    return (
      <button {...data} type="button" class={name} onClick={onClick} aria-pressed={selected === undefined ? undefined : selected ? "true" : "false"}>
        {content}
      </button>
    );
  }
  return (
    <div {...data} class={name}>
      {content}
    </div>
  );
}

export function List({ label, children, class: extra }: { label?: string; children: ComponentChildren; class?: string }) {
  return (
    <div class={cx("n-list", extra)} role={label ? "group" : undefined} aria-label={label}>
      {children}
    </div>
  );
}

/** Terms and amounts, as in a bill; the last can be the total. */
export function Sums({ rows }: { rows: readonly { id: string; label: ComponentChildren; value: ComponentChildren; total?: boolean }[] }) {
  return (
    <dl class="n-sums">
      {rows.map((row) => (
        <div key={row.id} class={cx("n-sums__row", row.total && "n-sums__row--total")}>
          <dt>{row.label}</dt>
          <dd class="num">{row.value}</dd>
        </div>
      ))}
    </dl>
  );
}

export interface NavItem {
  id: string;
  label: string;
  icon: IconName;
  count?: number;
  href?: string;
  onClick?: () => void;
}

/** Where to go within a page: along the bottom on phones, in the flow on wide screens. */
export function NavBar({ label, items, current }: { label: string; items: readonly NavItem[]; current: string }) {
  return (
    <nav class="n-nav" aria-label={label}>
      {items.map((item) => {
        const inside = (
          <>
            <Icon name={item.icon} />
            <span>{item.label}</span>
            {item.count !== undefined && item.count > 0 && <span class="n-nav__count num">{item.count}</span>}
          </>
        );
        const here = item.id === current;
        return item.href ? (
          <a key={item.id} class="n-nav__item" href={item.href} aria-current={here ? "page" : undefined}>
            {inside}
          </a>
        ) : (
          <button key={item.id} type="button" class="n-nav__item" onClick={item.onClick} aria-current={here ? "page" : undefined}>
            {inside}
          </button>
        );
      })}
    </nav>
  );
}

export interface TopBarProps {
  /** Left: a back link or the wordmark. */
  start?: ComponentChildren;
  title?: ComponentChildren;
  end?: ComponentChildren;
  class?: string;
}

export function TopBar({ start, title, end, class: extra }: TopBarProps) {
  return (
    <header class={cx("n-topbar", extra)}>
      <div class="n-topbar__in page">
        {start}
        {title && <div class="n-topbar__title">{title}</div>}
        <div class="n-topbar__end">{end}</div>
      </div>
    </header>
  );
}
