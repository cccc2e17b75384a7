/** The dispatcher's view: everybody and everything under way, the likeliest to be late first. */

import { useEffect, useState } from "preact/hooks";
import { get } from "../../core/api";
import { ago, clock } from "../../core/i18n";
import type { Position } from "../../core/types";
import type { FleetNow, RiderOnMap } from "../../core/types_fleet";
import { Button } from "../../design/button";
import { Badge } from "../../design/labels";
import { Banner, EmptyState, ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { keepAsking } from "./asking";
import "./fleet.css";
import { Paused, PauseForm } from "./fleet_areas";
import { JobRow, LATE_FROM } from "./fleet_job";
import { FleetMap } from "./fleet_map";
import { f } from "./fleet_text";

/** Milliseconds from one look to the next. */
const EVERY = 3000;

/** Asks every three seconds while somebody looks; `look` asks at once. */
function useFleet() {
  const [now, setNow] = useState<FleetNow | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    const told = (found: FleetNow) => {
      setNow(found);
      setError(null);
    };
    return keepAsking(() => get<FleetNow>("/api/fleet"), EVERY, told, setError);
  }, [asked]);
  return { now, error, look: () => setAsked((count) => count + 1) };
}

export function Fleet() {
  const { now, error, look } = useFleet();
  const [open, setOpen] = useState<string | null>(null);
  const [planned, setPlanned] = useState<number | null>(null);
  const [middle, setMiddle] = useState<Position>({ lon: 0, lat: 0 });
  if (now === null) {
    if (error !== null) return <ErrorState error={error} onRetry={look} />;
    return <Skeleton height="320px" />;
  }
  const free = now.couriers.filter((one) => one.carries === 0 && one.offered === 0).length;
  const names = new Map(now.couriers.map((one) => [one.courier_id, one.name]));
  const late = now.jobs.filter((one) => one.late_s >= LATE_FROM).length;
  return (
    <section class="cs-fleet" aria-label={f("title")}>
      <header class="cs-shows__head">
        <h1>{f("title")}</h1>
        <p class="cs-row__facts num" data-testid="fleet-counts">
          <span>{f("under_way", { n: now.jobs.length })}</span>
          <span>{f("riders", { n: now.couriers.length })}</span>
          <span>{f("free", { n: free })}</span>
          {late > 0 && <Badge tone="bad">{f("at_risk", { n: late })}</Badge>}
        </p>
      </header>
      {error !== null && <Banner tone="warn">{f("stale", { time: clock(now.at) })}</Banner>}
      <div class="cs-fleet__body">
        <div class="cs-fleet__side">
          <FleetMap now={now} chosen={open} planned={planned} onMiddle={setMiddle} />
          {planned === null ? (
            <Button icon="ban" onClick={() => setPlanned(1000)} data-testid="pause-area">
              {f("pause")}
            </Button>
          ) : (
            <PauseForm
              middle={middle}
              radius={planned}
              onRadius={setPlanned}
              onDone={() => {
                setPlanned(null);
                look();
              }}
              onCancel={() => setPlanned(null)}
            />
          )}
          <Paused areas={now.areas} onChanged={look} />
        </div>
        <div class="cs-fleet__lists">
          {now.jobs.length === 0 && <EmptyState icon="scooter" title={f("none")} text={f("none_text")} />}
          <ul class="cs-rows">
            {now.jobs.map((job) => (
              <JobRow
                key={job.job_id}
                job={job}
                names={names}
                open={open === job.job_id}
                onToggle={() => setOpen(open === job.job_id ? null : job.job_id)}
                onChanged={look}
              />
            ))}
          </ul>
          <h2 class="cs-fleet__sub">{f("everybody")}</h2>
          {now.couriers.length === 0 && <p class="muted">{f("nobody")}</p>}
          <ul class="cs-fleet__riders">
            {now.couriers.map((one) => (
              <Rider key={one.courier_id} one={one} />
            ))}
          </ul>
        </div>
      </div>
    </section>
  );
}

function Rider({ one }: { one: RiderOnMap }) {
  const does = one.carries > 0 ? f("rider_carries", { n: one.carries }) : one.offered > 0 ? f("rider_asked") : f("rider_free");
  return (
    <li data-testid="rider">
      <b>{one.name}</b>
      <span class="muted small num">
        {does}
        {one.seen_at !== null && ` · ${f("rider_seen", { time: ago(one.seen_at) })}`}
      </span>
    </li>
  );
}
