import { signal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { get } from "../../core/api";
import { mount } from "../../core/page";
import type { CounterOrder, Page } from "../../core/types";
import type { HeldMessage, PaymentAlert, Report } from "../../core/types_console";
import { cx } from "../../design/class_names";
import { Icon, Wordmark, type IconName } from "../../design/icons";
import { TopBar } from "../../design/rows";
import { AccountButton } from "../../work/account";
import { ConnectionBar } from "../../work/connection";
import { Gate } from "../../work/gate";
import { AuditLog } from "./audit";
import { Catalogue, partOf, type CataloguePart } from "./catalogue";
import "./console.css";
import { ConsoleState } from "./console_state";
import { AssociateEarnings } from "./earnings";
import "./earnings.css";
import { g } from "./earnings_text";
import { Fleet } from "./fleet";
import { f } from "./fleet_text";
import { Held } from "./held";
import { Late } from "./late";
import { l } from "./late_text";
import "./lists.css";
import "./media.css";
import { Payments } from "./payments";
import { p } from "./payments_text";
import { Promotions } from "./promotions";
import { o } from "./promotions_text";
import { Reports } from "./reports";
import { Rules } from "./rules";
import { Sanctions } from "./sanctions";
import { Shifts } from "./shifts";
import { watchNeeds } from "./shifts_data";
import { s } from "./shifts_text";
import { ShowGrid } from "./show_grid";
import { ShowPane } from "./show_pane";
import { t } from "./text";
import { Webhooks } from "./webhooks";
import "./webhooks.css";
import { w } from "./webhooks_text";

const VIEWS = ["shows", "reports", "held", "rules", "sanctions", "fleet", "shifts", "late", "payments", "earnings", "promotions", "catalogue", "webhooks", "audit"] as const;
/** What admins see beside what every operator sees. */
const FOR_ADMINS: readonly View[] = ["catalogue", "webhooks"];
type View = (typeof VIEWS)[number];

const ICONS: Record<View, IconName> = {
  shows: "broadcast",
  reports: "flag",
  held: "eye",
  rules: "filter",
  sanctions: "ban",
  fleet: "scooter",
  shifts: "calendar",
  late: "clock",
  payments: "card",
  earnings: "users",
  promotions: "ticket",
  catalogue: "tag",
  webhooks: "globe",
  audit: "list",
};

function nameOf(view: View): string {
  if (view === "webhooks") return w("webhooks");
  if (view === "payments") return p("nav");
  if (view === "fleet") return f("nav");
  if (view === "shifts") return s("nav");
  if (view === "earnings") return g("earnings");
  if (view === "promotions") return o("nav");
  return view === "late" ? l("nav") : t(view);
}

/** The address says what is open: `#shows`, `#shows/shw_…`, `#catalogue/products`, … so that Back works and links can be sent. */
function read(): { view: View; show: string | null; part: CataloguePart; inner: string | undefined } {
  const [name, inner] = location.hash.slice(1).split("/");
  const view = VIEWS.find((one) => one === name) ?? "shows";
  return { view, show: view === "shows" && inner ? inner : null, part: partOf(inner), inner };
}

const place = signal(read());
addEventListener("hashchange", () => (place.value = read()));

function ConsolePage({ admin }: { admin: boolean }) {
  const state = useMemo(() => new ConsoleState(), []);
  useEffect(() => state.open(), [state]);
  useEffect(() => watchNeeds((count) => (state.shiftNeeds.value = count)), [state]);
  useEffect(() => {
    // How much waits in the queues; the topic counts on from there.
    const count = <T,>(path: string, query: Record<string, string>, into: { value: number }) =>
      get<Page<T>>(path, query).then(
        ({ items }) => (into.value = items.length),
        () => undefined,
      );
    void count<Report>("/api/console/reports", { state: "open" }, state.openReports);
    void count<HeldMessage>("/api/console/held", {}, state.waiting);
    void count<PaymentAlert>("/api/console/payment-alerts", {}, state.openAlerts);
    void get<Page<CounterOrder>>("/api/console/orders").then(
      ({ items }) => {
        state.late.value = items.length;
        for (const order of items) if (order.status === "brought_back") state.backs.add(order.id);
      },
      () => undefined,
    );
  }, [state]);
  const { view, show, part, inner } = place.value;
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [view]);
  const counts: Partial<Record<View, number>> = {
    reports: state.openReports.value,
    held: state.waiting.value,
    shifts: state.shiftNeeds.value,
    late: state.late.value,
    payments: state.openAlerts.value,
  };

  return (
    <div class={cx("cs-page", show !== null && "cs-page--open")}>
      <ConnectionBar />
      <TopBar start={<Wordmark />} title={<span class="cs-title">{t("console")}</span>} end={<AccountButton />} />
      <nav ref={nav} class="cs-nav" aria-label={t("console")}>
        {VIEWS.filter((name) => admin || !FOR_ADMINS.includes(name)).map((name) => (
          <a
            key={name}
            class="cs-nav__item"
            href={`#${name}`}
            aria-current={name === view ? "page" : undefined}
            data-testid={`nav-${name}`}
          >
            <Icon name={ICONS[name]} size={20} />
            {nameOf(name)}
            {(counts[name] ?? 0) > 0 && <span class="cs-nav__count num">{counts[name]}</span>}
          </a>
        ))}
      </nav>
      <main class="cs-main">
        {view === "shows" && <ShowGrid state={state} open={show} />}
        {view === "reports" && <Reports state={state} />}
        {view === "held" && <Held state={state} />}
        {view === "rules" && <Rules />}
        {view === "sanctions" && <Sanctions />}
        {view === "fleet" && <Fleet />}
        {view === "shifts" && <Shifts onNeeds={(count) => (state.shiftNeeds.value = count)} />}
        {view === "late" && <Late state={state} />}
        {view === "payments" && <Payments state={state} />}
        {view === "earnings" && <AssociateEarnings />}
        {view === "promotions" && <Promotions name={inner} />}
        {view === "webhooks" && admin && <Webhooks />}
        {view === "catalogue" && admin && <Catalogue part={part} />}
        {view === "audit" && <AuditLog />}
      </main>
      {show !== null && <ShowPane key={show} id={show} state={state} onClose={() => (location.hash = "#shows")} />}
    </div>
  );
}

function Console() {
  return <Gate roles={["operator", "admin"]}>{(me) => <ConsolePage admin={me.role === "admin"} />}</Gate>;
}

mount(Console, () => t("title"));
