/** Who brings it, where they are, and how to reach them. */

import "./tracking.css";

import { useEffect, useState } from "preact/hooks";

import { keepTracking } from "../buying/my_orders";
import { vehicleText } from "../buying/progress";
import { t as buying } from "../buying/text";
import { put } from "../core/api";
import { problemText } from "../core/problems";
import type { Tracking } from "../core/types";
import { Button, ButtonLink } from "../design/button";
import { Icon } from "../design/icons";
import { Avatar } from "../design/labels";
import { Banner } from "../design/notices";
import { toast } from "../design/toast";
import { Switch } from "../design/toggles";
import { TrackMap } from "../map/track_map";
import { houseName, leftAtDoor, stopsText, whereText, wishText } from "./sentences";
import { TalkSheet } from "./talk_sheet";
import { load, talkOf } from "./talks";
import { t } from "./text";

export interface TrackingCardProps {
  orderId: string;
  tracking: Tracking;
  store: string;
  /** Nothing is to be taken at the door. */
  paid: boolean;
}

export function TrackingCard({ orderId, tracking, store, paid }: TrackingCardProps) {
  const coming = tracking.status !== "returning" && tracking.status !== "returned" && tracking.status !== "cancelled";
  const changeable = tracking.changeable.includes("leave_at_door") || tracking.wishes.some(({ part }) => part === "leave_at_door");
  return (
    <section class="stack tracking" data-testid="tracking">
      {coming && <MapPart tracking={tracking} store={store} />}
      <CourierRow orderId={orderId} tracking={tracking} />
      {coming && paid && tracking.contact !== null && changeable && <Door orderId={orderId} tracking={tracking} />}
      {coming && <Wishes tracking={tracking} />}
    </section>
  );
}

function MapPart({ tracking, store }: { tracking: Tracking; store: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5_000);
    return () => clearInterval(timer);
  }, []);
  const where = whereText(tracking, Math.max(now, Date.now()));
  const collected = tracking.status === "collected" || tracking.status === "arriving";
  return (
    <figure class="tracking__map">
      <TrackMap
        store={tracking.store_position}
        home={tracking.drop_off}
        courier={tracking.courier_position}
        measured={tracking.courier_at}
        collected={collected}
        names={{ map: t("map_name"), store, home: t("map_home"), courier: tracking.courier?.name ?? buying("courier"), all: t("map_all"), closer: t("map_closer"), farther: t("map_farther") }}
      />
      {where && (
        <figcaption class="small muted num" data-testid="where">
          {where}
        </figcaption>
      )}
    </figure>
  );
}

function CourierRow({ orderId, tracking }: { orderId: string; tracking: Tracking }) {
  const [open, setOpen] = useState(false);
  const { courier, provider, contact } = tracking;
  const { unread, said } = talkOf(orderId);
  const known = courier !== null;
  useEffect(() => {
    if (known && contact?.open) void load(orderId);
  }, [orderId, courier?.name]);
  const notes = courier ? [vehicleText(courier.vehicle), stopsText(tracking)].filter(Boolean).join(" · ") : null;
  return (
    <div class="order-courier" data-testid="courier">
      {courier ? (
        <Avatar name={courier.name} size={44} />
      ) : (
        <span class="order-courier__none">
          <Icon name="scooter" />
        </span>
      )}
      <span class="grow">
        <strong>{courier ? courier.name : buying("courier_searching")}</strong>
        {notes && <span class="muted small">{notes}</span>}
        {provider && <span class="muted small">{t("by", { provider: houseName(provider.name) })}</span>}
      </span>
      <span class="order-courier__ways">
        {contact?.call && (
          <ButtonLink href={contact.call} icon="phone" class="order-courier__call" data-testid="call">
            {t("call")}
          </ButtonLink>
        )}
        {(contact?.open || said.length > 0) && (
          <Button icon="chat" onClick={() => setOpen(true)} class="order-courier__talk" data-testid="talk-open">
            {t("message")}
            {unread > 0 && <span class="order-courier__unread num">{unread}</span>}
          </Button>
        )}
        {provider?.tracking_url && (
          <a class="n-button n-button--secondary order-courier__there" href={provider.tracking_url} target="_blank" rel="noopener noreferrer" data-testid="provider-link">
            <span class="n-button__face">{t("follow_there", { provider: houseName(provider.name) })}</span>
          </a>
        )}
      </span>
      <TalkSheet open={open} onClose={() => setOpen(false)} orderId={orderId} tracking={tracking} />
    </div>
  );
}

/** What another house's courier knows by now of what was changed. */
function Wishes({ tracking }: { tracking: Tracking }) {
  const said = tracking.wishes.map((wish) => ({ wish, text: wishText(wish) })).filter(({ text }) => text !== null);
  if (said.length === 0) return null;
  return (
    <div class="stack">
      {said.map(({ wish, text }) => (
        <Banner key={wish.part} tone={wish.told === "not_told" ? "warn" : "info"} icon={wish.told === "told" ? "check-circle" : "scooter"} data-testid={`wish-${wish.part}-${wish.told}`}>
          {text}
        </Banner>
      ))}
    </div>
  );
}

function Door({ orderId, tracking }: { orderId: string; tracking: Tracking }) {
  const [busy, setBusy] = useState(false);
  async function set(leave: boolean): Promise<void> {
    setBusy(true);
    try {
      keepTracking(orderId, await put<Tracking>(`/api/orders/${encodeURIComponent(orderId)}/leave-at-door`, { leave }));
    } catch (error) {
      toast(problemText(error), "bad");
    } finally {
      setBusy(false);
    }
  }
  return (
    <Switch
      label={t("door")}
      hint={leftAtDoor(tracking) ? t("door_on") : tracking.leave_at_door ? undefined : t("door_hint")}
      checked={tracking.leave_at_door}
      disabled={busy}
      onChange={(leave) => void set(leave)}
      data-testid="leave-at-door"
    />
  );
}
