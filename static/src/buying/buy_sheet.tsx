import "./buying.css";

import { money } from "../core/i18n";
import type { Card, Show } from "../core/types";
import { Button, IconButton } from "../design/button";
import { Banner, ProblemNote } from "../design/notices";
import { Sheet } from "../design/sheet";
import { address } from "./address";
import { AddressForm } from "./address_form";
import { type Buying, useBuying } from "./buying";
import { atMost, canBuy, ChooseStep, type Supply } from "./choose_step";
import { orders } from "./my_orders";
import { OrderView } from "./order_view";
import { PayStep } from "./pay_step";
import { t } from "./text";

export interface BuySheetProps {
  show: Show;
  card: Card;
  supply: Supply;
  open: boolean;
  onClose: () => void;
}

/** From the product to the door, in one sheet, while the show goes on behind it. */
export function BuySheet({ show, card, supply, open, onClose }: BuySheetProps) {
  const buying = useBuying(show, card);
  const order = buying.placed ? (orders.value.get(buying.placed.id) ?? buying.placed) : null;
  const titles = { choose: t("buy_title"), address: t("address_title"), pay: t("pay_title"), track: order ? t("order_title", { number: order.number }) : "" };
  const back = buying.step === "address" || (buying.step === "pay" && !buying.placed);
  return (
    <Sheet
      open={open}
      onClose={onClose}
      title={titles[buying.step]}
      view={buying.step}
      clear
      class={buying.step === "track" ? "buy-sheet--track" : ""}
      data-testid="buy-sheet"
      lead={back ? <IconButton icon="back" label={t("back")} variant="soft" size={20} onClick={() => buying.go("choose")} data-testid="buy-back" /> : null}
      footer={<Action card={card} supply={supply} buying={buying} onClose={onClose} />}
    >
      {buying.step === "choose" && (
        <ChooseStep
          card={card}
          supply={supply}
          quantity={buying.quantity}
          onQuantity={buying.setQuantity}
          onAddress={() => buying.go("address")}
        />
      )}
      {buying.step === "address" && <AddressForm near={show.store.position} onSave={buying.saveAddress} />}
      {buying.step === "pay" && (
        <PayStep
          quote={buying.quote}
          quoteError={buying.quoteError}
          placed={buying.placed}
          card={buying.card}
          note={buying.note}
          tried={buying.tried}
          onCard={buying.setCard}
          onNote={buying.setNote}
          onAddress={() => buying.go("address")}
          onAgain={buying.askQuote}
        />
      )}
      {buying.step === "track" && order && <OrderView order={order} compact />}
    </Sheet>
  );
}

/** The one main action of the step. */
function Action({ card, supply, buying, onClose }: { card: Card; supply: Supply; buying: Buying; onClose: () => void }) {
  if (buying.step === "choose") {
    if (!address.value) {
      return (
        <Button variant="primary" size="l" wide icon="pin" disabled={card.sold_out} onClick={() => buying.go("address")} data-testid="add-address">
          {t("add_address")}
        </Button>
      );
    }
    const quantity = Math.min(buying.quantity, atMost(supply));
    const total = money(card.price * quantity, card.product.currency);
    return (
      <Button variant="primary" size="l" wide disabled={!canBuy(card, supply)} onClick={() => buying.go("pay")} data-testid="checkout-button">
        {t("continue_total", { total })}
      </Button>
    );
  }
  if (buying.step === "pay") {
    const bill = buying.placed ?? buying.quote;
    if (!bill) return null;
    return (
      <div class="stack buy-do">
        {buying.newTotal !== null ? (
          <Banner tone="warn" alert data-testid="price-changed">
            {t("price_changed_to", { total: money(buying.newTotal, bill.currency) })}
          </Banner>
        ) : (
          <ProblemNote error={buying.error} data-testid="pay-problem" />
        )}
        <Button variant="primary" size="l" wide icon="lock" busy={buying.busy} onClick={() => void buying.pay()} data-testid="pay-button">
          {t("pay", { total: money(bill.total, bill.currency) })}
        </Button>
      </div>
    );
  }
  if (buying.step === "track") {
    return (
      <Button size="l" wide onClick={onClose} data-testid="keep-watching">
        {t("keep_watching")}
      </Button>
    );
  }
  return null;
}
