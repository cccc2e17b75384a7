/** The last sales, each for a few seconds. */

import { useEffect, useState } from "preact/hooks";
import { Icon } from "../../design/icons";
import type { Sale } from "./room_state";
import { t } from "./text";

const SHOWN = 6_000;

export function SaleTicker({ sales }: { sales: readonly Sale[] }) {
  const last = sales[sales.length - 1];
  const [gone, setGone] = useState(0);
  useEffect(() => {
    if (!last) return undefined;
    const timer = setTimeout(() => setGone(last.id), SHOWN);
    return () => clearTimeout(timer);
  }, [last?.id]);
  return (
    <div class="st-sales" role="status" aria-live="polite" data-testid="sale-ticker">
      {sales
        .filter((sale) => sale.id > gone)
        .slice(-2)
        .map((sale) => (
          <p key={sale.id} class="st-sale">
            <Icon name="bag" size={16} />
            {t(sale.quantity > 1 ? "sale_n" : "sale", {
              name: sale.buyer_name,
              product: sale.product_name,
              n: sale.quantity,
            })}
          </p>
        ))}
    </div>
  );
}
