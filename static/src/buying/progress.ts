/** What an order's and its delivery's statuses mean to the buyer. */

import { clock } from "../core/i18n";
import type { Order } from "../core/types";
import type { Tone } from "../design/labels";
import { leftAtDoor } from "../tracking/sentences";
import { t } from "./text";

export type Phase = "open" | "done" | "ended";

/** The buyer will not get it. */
const ENDED: readonly string[] = ["cancelled", "rejected", "brought_back", "undelivered"];

/** The four steps that a buyer thinks in; the index of the one being done. */
export function stepOf(order: Order): number {
  switch (order.status) {
    case "placed":
    case "paid":
      return 0;
    case "accepted":
    case "picking":
    case "ready":
      return 1;
    case "collected":
      return 2;
    default:
      return 4;
  }
}

export function phaseOf(order: Order): Phase {
  if (ENDED.includes(order.status)) return "ended";
  return order.status === "delivered" || order.status === "completed" ? "done" : "open";
}

export function toneOf(order: Order): Tone {
  const phase = phaseOf(order);
  return phase === "done" ? "good" : phase === "ended" ? "bad" : order.status === "placed" ? "warn" : "accent";
}

export function statusText(order: Order): string {
  if (order.status === "collected" && order.delivery?.status === "arriving") return t("status_arriving");
  return t(`status_${order.status}`);
}

export function leadText(order: Order): string {
  const courier = order.delivery?.courier?.name ?? t("courier_unknown");
  const store = order.store.name;
  if (order.back) return order.back.restocked === null ? t("lead_brought_back", { store }) : "";
  if (order.delivery?.status === "returning" || order.delivery?.status === "returned") return t("lead_returning");
  switch (order.status) {
    case "placed":
      return t("lead_placed");
    case "paid":
    case "accepted":
    case "picking":
    case "ready":
      return t(`lead_${order.status}`, { store });
    case "collected":
      if (order.delivery?.status !== "arriving") return t("lead_collected", { courier });
      return t(leftAtDoor(order.delivery) ? "lead_arriving_door" : "lead_arriving", { courier });
    case "delivered":
    case "completed":
      return t("lead_delivered");
    default:
      return "";
  }
}

function timeOf(order: Order, ...statuses: string[]): string | undefined {
  const entry = order.history.find(({ status }) => statuses.includes(status));
  return entry ? clock(entry.at) : undefined;
}

export function steps(order: Order) {
  return [
    { id: "paid", title: t("step_paid"), note: timeOf(order, "paid", "placed") },
    { id: "packing", title: t("step_packing"), note: timeOf(order, "accepted") },
    { id: "coming", title: t("step_coming"), note: timeOf(order, "collected") },
    { id: "there", title: t("step_there"), note: timeOf(order, "delivered") },
  ];
}

const VEHICLES = ["foot", "bicycle", "ebike", "scooter", "car"] as const;

/** How the courier comes; a kind that this page does not know is left out. */
export function vehicleText(vehicle: string): string | null {
  const known = VEHICLES.find((one) => one === vehicle);
  return known ? t(`by_${known}`) : null;
}
