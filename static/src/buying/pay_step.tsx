import { clock } from "../core/i18n";
import type { Order, Quote } from "../core/types";
import { TextInput } from "../design/fields";
import { Icon } from "../design/icons";
import { ErrorState } from "../design/notices";
import { Skeleton } from "../design/progress";
import { Row } from "../design/rows";
import { address } from "./address";
import { Arrival, Bill } from "./bill";
import { CardForm } from "./card_form";
import type { CardDetails } from "./checkout";
import { t } from "./text";

export interface PayStepProps {
  quote: Quote | null;
  quoteError: unknown;
  /** Set once the order is placed: from then on only the card can change. */
  placed: Order | null;
  card: CardDetails;
  note: string;
  tried: boolean;
  onCard: (card: CardDetails) => void;
  onNote: (note: string) => void;
  onAddress: () => void;
  onAgain: () => void;
}

export function PayStep(props: PayStepProps) {
  const { quote, quoteError, placed, card, note, tried } = props;
  if (quoteError) return <ErrorState error={quoteError} onRetry={props.onAgain} />;
  const bill = placed ?? quote;
  if (!bill) {
    return (
      <div class="stack" aria-busy="true">
        <Skeleton height="56px" />
        <Skeleton height="140px" />
        <Skeleton height="220px" />
      </div>
    );
  }
  const to = placed?.address ?? address.value;
  return (
    <div class="stack buy-pay">
      <Arrival quote={bill} />
      {to && (
        <Row
          class="buy-to"
          title={`${t("deliver_to")} ${to.name}`}
          note={to.text}
          start={<Icon name="pin" />}
          end={placed ? undefined : <span class="buy-change">{t("change")}</span>}
          onClick={placed ? undefined : props.onAddress}
        />
      )}
      <Bill quote={bill} />
      {!placed && (
        <TextInput label={t("note")} optional={t("optional")} maxLength={200} value={note} onValue={props.onNote} data-testid="order-note" />
      )}
      <CardForm card={card} tried={tried} onChange={props.onCard} />
      {placed?.expires_at && <p class="muted small num buy-centre">{t("reserved_until", { time: clock(placed.expires_at) })}</p>}
    </div>
  );
}
