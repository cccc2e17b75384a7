import "./buying.css";

import { useEffect } from "preact/hooks";

import { money } from "../core/i18n";
import { problemCode } from "../core/problems";
import { serverNow, useTimeLeft } from "../core/server_clock";
import type { Card, Order, Show } from "../core/types";
import { Button, IconButton } from "../design/button";
import { Banner, ProblemNote } from "../design/notices";
import { Sheet } from "../design/sheet";
import { address } from "./address";
import { AddressForm } from "./address_form";
import { type Buying, useBuying } from "./buying";
import { ChooseStep } from "./choose_step";
import { CouponStep } from "./coupon_step";
import { loadCoupons, wallet } from "./coupons";
import { priceNow } from "./flash";
import { orders } from "./my_orders";
import { t as offer } from "./offer_text";
import { OrderView } from "./order_view";
import { isPaid } from "./paying";
import { PayStep, totalOf } from "./pay_step";
import { t as pay } from "./pay_text";
import { canBuy, type Supply } from "./supply";
import { t } from "./text";

export interface BuySheetProps {
  show: Show;
  card: Card;
  /** Where the card's product, or a variant of it, can be had from. */
  supplyOf: (productId: string) => Supply;
  open: boolean;
  onClose: () => void;
}

/** From the product to the door, in one sheet, while the show goes on behind it. */
export function BuySheet({ show, card, supplyOf, open, onClose }: BuySheetProps) {
  const buying = useBuying(show, card);
  // The price of the main action changes with the flash sale's clock.
  useTimeLeft(card.flash ? Date.parse(card.flash.ends_at) : null);
  useEffect(() => {
    if (open && wallet.value === null) void loadCoupons().catch(() => undefined);
  }, [open]);
  const placed = buying.placed?.map((order) => orders.value.get(order.id) ?? order) ?? null;
  const titles = {
    choose: t("buy_title"),
    address: t("address_title"),
    coupons: offer("coupons_pick"),
    pay: t("pay_title"),
    track: placed?.length === 1 && placed[0] ? t("order_title", { number: placed[0].number }) : pay("order_parts", { n: placed?.length ?? 0 }),
  };
  const back = buying.step === "address" || buying.step === "coupons" || (buying.step === "pay" && !placed);
  return (
    <Sheet
      open={open}
      onClose={onClose}
      title={titles[buying.step]}
      view={buying.step}
      clear
      class={buying.step === "track" ? "buy-sheet--track" : ""}
      data-testid="buy-sheet"
      lead={
        back ? (
          <IconButton
            icon="back"
            label={t("back")}
            variant="soft"
            size={20}
            onClick={() => buying.go(buying.step === "coupons" ? "pay" : "choose")}
            data-testid="buy-back"
          />
        ) : null
      }
      footer={<Action show={show} card={card} supplyOf={supplyOf} buying={buying} placed={placed} onClose={onClose} />}
    >
      {buying.step === "choose" && (
        <ChooseStep
          show={show}
          card={card}
          variant={buying.variant}
          supplyOf={supplyOf}
          quantity={buying.quantity}
          onVariant={buying.setVariant}
          onQuantity={buying.setQuantity}
          onAddress={() => buying.go("address")}
        />
      )}
      {buying.step === "address" && <AddressForm near={show.store.position} onSave={buying.saveAddress} />}
      {buying.step === "coupons" && <CouponStep quote={buying.quoting.quote} choice={buying.coupons} onChoice={buying.setCoupons} />}
      {buying.step === "pay" && (
        <PayStep
          quoting={buying.quoting}
          paying={buying.paying}
          placed={placed}
          problem={buying.problem}
          coupons={buying.coupons}
          note={buying.note}
          onNote={buying.setNote}
          onCoupons={() => buying.go("coupons")}
          onAddress={() => buying.go("address")}
          onAgain={buying.again}
          onProduct={() => buying.go("choose")}
          onQuantity={buying.setQuantity}
          onSplit={buying.agreeToSplit}
        />
      )}
      {buying.step === "track" && placed?.map((order) => <OrderView key={order.id} order={order} compact />)}
    </Sheet>
  );
}

interface ActionProps extends Pick<BuySheetProps, "show" | "card" | "supplyOf" | "onClose"> {
  buying: Buying;
  placed: readonly Order[] | null;
}

/** The one main action of the step. */
function Action({ show, card, supplyOf, buying, placed, onClose }: ActionProps) {
  switch (buying.step) {
    case "choose":
      return <ChooseAction show={show} card={card} supplyOf={supplyOf} buying={buying} />;
    case "pay":
      return <PayAction buying={buying} placed={placed} />;
    case "coupons":
      return (
        <Button variant="primary" size="l" wide onClick={() => buying.go("pay")} data-testid="coupons-done">
          {offer("coupons_done")}
        </Button>
      );
    case "track":
      return (
        <Button size="l" wide onClick={onClose} data-testid="keep-watching">
          {t("keep_watching")}
        </Button>
      );
    default:
      return null;
  }
}

function ChooseAction({ show, card, supplyOf, buying }: Omit<ActionProps, "onClose" | "placed">) {
  if (!address.value) {
    return (
      <Button variant="primary" size="l" wide icon="pin" disabled={card.sold_out} onClick={() => buying.go("address")} data-testid="add-address">
        {t("add_address")}
      </Button>
    );
  }
  const supply = supplyOf(buying.variant?.product_id ?? card.product.id);
  const total = money(priceNow(card, buying.variant, show, serverNow()) * buying.quantity, card.product.currency);
  return (
    <Button
      variant="primary"
      size="l"
      wide
      disabled={!canBuy(card, supply)}
      onClick={() => buying.go("pay")}
      data-testid="checkout-button"
    >
      {t("continue_total", { total })}
    </Button>
  );
}

function PayAction({ buying, placed }: { buying: Buying; placed: readonly Order[] | null }) {
  const { quoting, paying } = buying;
  const { changed } = quoting;
  if (paying.waiting || (!placed && (!quoting.quote || buying.problem !== null))) return null;
  const currency = placed?.[0]?.currency ?? quoting.quote?.currency ?? quoting.quote?.parts[0]?.currency ?? "CNY";
  const unpaid = placed?.filter((order) => !isPaid(order));
  const total = money(unpaid ? totalOf(unpaid) : (quoting.quote?.total ?? 0), currency);
  const partly = placed !== null && unpaid !== undefined && unpaid.length < placed.length;
  const label = partly ? pay("pay_rest", { total }) : paying.method?.kind === "cash" ? pay("place_cash", { total }) : t("pay", { total });
  return (
    <div class="stack buy-do">
      {changed ? (
        <Banner tone="warn" alert title={pay("price_now", { from: money(changed.from, currency), to: money(changed.to, currency) })} data-testid="price-changed">
          {pay("price_now_text")}
        </Banner>
      ) : (
        paying.error !== null && <Failed error={paying.error} placed={placed !== null} />
      )}
      <Button
        variant="primary"
        size="l"
        wide
        icon={paying.method?.kind === "cash" ? "bag" : "lock"}
        busy={buying.busy}
        disabled={paying.method === null}
        onClick={() => void buying.pay()}
        data-testid="pay-button"
      >
        {label}
      </Button>
    </div>
  );
}

/** Why it was not paid; that the goods are still kept, when they are. */
function Failed({ error, placed }: { error: unknown; placed: boolean }) {
  return (
    <div class="stack buy-do" data-testid="pay-failed" data-code={problemCode(error) ?? undefined}>
      <ProblemNote error={error} data-testid="pay-problem" />
      {placed && <p class="small muted">{pay("failed_text")}</p>}
    </div>
  );
}
