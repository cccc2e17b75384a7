import { useState } from "preact/hooks";

import { isOver, orders } from "../../buying/my_orders";
import { OrderView } from "../../buying/order_view";
import { statusText } from "../../buying/progress";
import { t as buyingText } from "../../buying/text";
import { Icon } from "../../design/icons";
import { Sheet } from "../../design/sheet";

/** On phones: the order under way, one tap from its tracking; nothing when there is none. */
export function OrderPill() {
  const [open, setOpen] = useState(false);
  const [last] = [...orders.value.values()]
    .filter((order) => order.status !== "placed" && (open || !isOver(order)))
    .sort((a, b) => b.placed_at.localeCompare(a.placed_at));
  if (!last) return null;
  return (
    <>
      <button type="button" class="order-pill" onClick={() => setOpen(true)} data-testid="order-pill">
        <Icon name={last.status === "collected" ? "scooter" : "bag"} size={18} />
        <span class="truncate">{statusText(last)}</span>
        <Icon name="chevron-right" size={16} />
      </button>
      <Sheet
        open={open}
        onClose={() => setOpen(false)}
        title={buyingText("order_title", { number: last.number })}
        clear
        class="buy-sheet--track"
        data-testid="order-sheet"
      >
        <OrderView order={last} compact />
      </Sheet>
    </>
  );
}
