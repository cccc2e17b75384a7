/** What goes into the bag, ticked piece by piece. */

import type { BagLine, CounterOrder } from "../../core/types";
import { IconButton } from "../../design/button";
import { cx } from "../../design/class_names";
import { Icon } from "../../design/icons";
import { pickedOf, setPicked, toPick } from "./picked";
import { t } from "./text";

export function Lines({ order, onShort }: { order: CounterOrder; onShort: (productId: string) => void }) {
  const ticking = order.status === "picking";
  return (
    <ul class="ct-lines">
      {toPick(order).map((line) => (
        <li key={line.product_id} class={ticking ? "ct-tick-row" : "ct-line"}>
          {ticking ? <Tick order={order} line={line} onShort={onShort} /> : <Content line={line} count={`×${line.quantity}`} />}
        </li>
      ))}
    </ul>
  );
}

function Tick({ order, line, onShort }: { order: CounterOrder; line: BagLine; onShort: (productId: string) => void }) {
  const picked = Math.min(line.quantity, pickedOf(order, line.product_id));
  const whole = picked === line.quantity;
  return (
    <>
      <button
        type="button"
        class={cx("ct-line", "ct-line--tick", whole && "ct-line--picked")}
        aria-pressed={whole}
        aria-label={t("tick", { name: line.name, done: picked, all: line.quantity })}
        onClick={() => setPicked(order, line.product_id, whole ? 0 : picked + 1)}
        data-testid={`pick-line-${line.product_id}`}
      >
        <span class="ct-tick" data-state={whole ? "all" : picked > 0 ? "some" : "none"}>
          {whole ? <Icon name="check" size={20} /> : picked > 0 ? picked : null}
        </span>
        <Content line={line} count={line.quantity > 1 ? `${picked}/${line.quantity}` : "×1"} />
      </button>
      {!whole && line.instead_of === null && (
        <IconButton
          icon="alert"
          label={t("short_of", { name: line.name })}
          onClick={() => onShort(line.product_id)}
          data-testid={`short-line-${line.product_id}`}
        />
      )}
    </>
  );
}

function Content({ line, count }: { line: BagLine; count: string }) {
  return (
    <>
      {line.image_url ? <img src={line.image_url} alt="" loading="lazy" /> : <span class="ct-line__blank" />}
      <span class="ct-line__name">
        {line.name}
        {line.instead_of !== null && <span class="ct-line__instead">{t("instead")}</span>}
      </span>
      <span class={cx("ct-line__count num", line.quantity > 1 && "ct-line__count--many")}>{count}</span>
    </>
  );
}
