/** The pick list and the label of the bag, on paper: drawn beside the page, which the printer does not see. */

import { createPortal } from "preact/compat";
import { useEffect } from "preact/hooks";
import { clock, money } from "../../core/i18n";
import type { CounterOrder } from "../../core/types";
import { QrCode } from "../../work/qr_code";
import { toPick } from "./picked";
import type { Shelf } from "./shelf";
import { t } from "./text";

/** The code is drawn by a part that may have to be loaded first. */
const DRAWN = 400;

interface PrintProps {
  order: CounterOrder;
  storeName: string;
  shelf: Shelf;
  onDone: () => void;
}

export function PrintView({ order, storeName, shelf, onDone }: PrintProps) {
  useEffect(() => {
    const done = () => onDone();
    addEventListener("afterprint", done, { once: true });
    const timer = setTimeout(() => print(), DRAWN);
    return () => {
      clearTimeout(timer);
      removeEventListener("afterprint", done);
    };
  }, [order.id]);
  return createPortal(
    <div class="ct-print" aria-hidden="true" data-testid="print-view">
      <section class="ct-print__label">
        <QrCode text={`${location.origin}/orders/${order.id}`} label={order.number} />
        <div>
          <p class="ct-print__number">{order.number}</p>
          <p>
            {order.buyer_name} · {order.address.text}
          </p>
          <p>
            {t("due_by")} {clock(order.due_at)} · {t("pieces", { n: toPick(order).reduce((sum, line) => sum + line.quantity, 0) })}
          </p>
          <p>{storeName}</p>
        </div>
      </section>
      <section>
        <h2>
          {t("pick_list")} {order.number}
        </h2>
        <table>
          <tbody>
            {toPick(order).map((line) => (
              <tr key={line.product_id}>
                <td class="ct-print__box" />
                <td>{line.quantity} ×</td>
                <td>{line.name}</td>
                <td>{shelf.row(line.product_id)?.barcode ?? ""}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {order.note && (
          <p>
            <b>{t("note")}</b> {order.note}
          </p>
        )}
        <p>{money(order.bag_total ?? order.total, order.currency)}</p>
      </section>
    </div>,
    document.body,
  );
}
