import { serverNow } from "../core/server_clock";
import type { Card, Show, Variant } from "../core/types";
import { Icon } from "../design/icons";
import { Price } from "../design/price";
import { Row } from "../design/rows";
import { Stepper } from "../design/toggles";
import { address } from "./address";
import { listPrice, priceNow } from "./flash";
import { FlashBand } from "./flash_band";
import { Gallery } from "./gallery";
import { NotHere } from "./not_here";
import { t as offer } from "./offer_text";
import { beyond, canBuy, MOST, SupplyLine, type Supply } from "./supply";
import { t } from "./text";
import { VariantChooser } from "./variant_chooser";
import { optionsText } from "./variants";

export interface ChooseStepProps {
  show: Show;
  card: Card;
  variant: Variant | null;
  /** Of a product: the card's own, or one of its variants. */
  supplyOf: (productId: string) => Supply;
  quantity: number;
  onVariant: (variant: Variant) => void;
  onQuantity: (quantity: number) => void;
  onAddress: () => void;
}

export function ChooseStep({ show, card, variant, supplyOf, quantity, onVariant, onQuantity, onAddress }: ChooseStepProps) {
  const { product } = card;
  const to = address.value;
  const productId = variant?.product_id ?? product.id;
  const supply = supplyOf(productId);
  const image = variant?.image_url ?? product.image_url;
  const pictures = productId === product.id && product.pictures.length > 1 ? product.pictures : null;
  const most = beyond(supply, quantity);
  const had = (id: string) => canBuy(card, supplyOf(id));
  return (
    <div class="stack buy-choose">
      {pictures && <Gallery pictures={pictures} name={product.name} />}
      <div class="buy-product">
        {!pictures && (image ? <img class="buy-product__image" src={image} alt="" /> : <span class="buy-product__image" />)}
        <div class="buy-product__text">
          <h3>{product.name}</h3>
          {variant && <p class="muted">{optionsText(variant.options)}</p>}
          <Price
            amount={priceNow(card, variant, show, serverNow())}
            base={listPrice(card, variant)}
            currency={product.currency}
            size="l"
            data-testid="buy-price"
          />
        </div>
      </div>
      {card.flash && <FlashBand flash={card.flash} silent class="flash--sheet" />}
      {product.description && <p class="muted buy-description">{product.description}</p>}
      {variant && <VariantChooser variants={card.variants} chosen={variant} had={had} onChoose={onVariant} />}
      <SupplyLine supply={supply} soldOut={card.sold_out} onAddress={onAddress} />
      {typeof supply === "object" && !supply.available && (
        <NotHere card={card} variant={variant} productId={productId} supply={supply} had={had} onVariant={onVariant} />
      )}
      <div class="n-list buy-facts">
        <div class="buy-fact">
          <span>
            {t("quantity")}
            <span class="buy-fact__note" role="status">
              {most !== null && offer("beyond", { n: most })}
            </span>
          </span>
          <Stepper label={t("quantity")} value={quantity} max={MOST} onChange={onQuantity} data-testid="quantity" />
        </div>
        {to && (
          <Row
            onClick={onAddress}
            title={`${t("deliver_to")} ${to.name}`}
            note={to.text}
            start={<Icon name="pin" />}
            end={<span class="buy-change">{t("change")}</span>}
            data-testid="change-address"
          />
        )}
      </div>
    </div>
  );
}
