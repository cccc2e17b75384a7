/** Areas in which nothing new is brought for a while: those of now, and one more. */

import { useState } from "preact/hooks";
import { del, post } from "../../core/api";
import { clock, distance } from "../../core/i18n";
import { problemText } from "../../core/problems";
import { serverNow } from "../../core/server_clock";
import type { Position } from "../../core/types";
import type { PausedArea } from "../../core/types_fleet";
import { Button } from "../../design/button";
import { Select, TextInput } from "../../design/fields";
import { toast } from "../../design/toast";
import { f } from "./fleet_text";

export const RADII = [500, 1000, 2000, 5000] as const;
const LASTS = [30, 60, 180, 0] as const;

export function Paused({ areas, onChanged }: { areas: PausedArea[]; onChanged: () => void }) {
  const lift = async (area: PausedArea) => {
    try {
      await del(`/api/fleet/areas/${encodeURIComponent(area.id)}`);
      toast(f("lifted", { name: area.name }), "good");
      onChanged();
    } catch (error) {
      toast(problemText(error), "bad");
    }
  };
  if (areas.length === 0) return null;
  return (
    <section aria-label={f("paused")}>
      <h2 class="cs-fleet__sub">{f("paused")}</h2>
      <ul class="cs-rows">
        {areas.map((area) => (
          <li key={area.id} class="cs-row cs-row--slim" data-testid="paused-area">
            <div class="cs-row__main">
              <b>{area.name}</b>
              <p class="muted small num">
                {distance(area.radius_m)} · {area.until ? f("paused_until", { time: clock(area.until) }) : f("paused_open")} · {area.reason}
              </p>
            </div>
            <Button size="s" onClick={() => void lift(area)} data-testid="lift-area">
              {f("lift")}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface PauseFormProps {
  middle: Position;
  radius: number;
  onRadius: (radius: number) => void;
  onDone: () => void;
  onCancel: () => void;
}

export function PauseForm({ middle, radius, onRadius, onDone, onCancel }: PauseFormProps) {
  const [name, setName] = useState("");
  const [reason, setReason] = useState("");
  const [lasts, setLasts] = useState<number>(LASTS[1]);
  const [lacking, setLacking] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const pause = async (event: Event) => {
    event.preventDefault();
    setLacking(name.trim() === "" || reason.trim() === "");
    if (name.trim() === "" || reason.trim() === "") return;
    setBusy(true);
    setError(null);
    const until = lasts === 0 ? null : new Date(serverNow() + lasts * 60_000).toISOString();
    try {
      await post<PausedArea>("/api/fleet/areas", { name: name.trim(), centre: middle, radius_m: radius, reason: reason.trim(), until });
      toast(f("was_paused", { name: name.trim() }), "good");
      onDone();
    } catch (failure) {
      setError(problemText(failure));
    } finally {
      setBusy(false);
    }
  };
  const missing = (value: string) => (lacking && value.trim() === "" ? f("required") : null);
  return (
    <form class="cs-form stack" noValidate onSubmit={(event) => void pause(event)} data-testid="pause-form">
      <h2>{f("pause_title")}</h2>
      <p class="muted small">{f("pause_text")}</p>
      <TextInput label={f("area_name")} maxLength={60} value={name} error={missing(name)} onValue={setName} data-testid="area-name" />
      <div class="cs-fleet__pair">
        <Select
          label={f("radius")}
          value={String(radius)}
          options={RADII.map((one) => ({ value: String(one), label: distance(one) }))}
          onValue={(value) => onRadius(Number(value))}
        />
        <Select
          label={f("lasts")}
          value={String(lasts)}
          options={LASTS.map((one) => ({ value: String(one), label: f(`lasts_${one}`) }))}
          onValue={(value) => setLasts(Number(value))}
        />
      </div>
      <TextInput label={f("reason")} maxLength={300} value={reason} error={missing(reason) ?? error} onValue={setReason} data-testid="area-reason" />
      <div class="cs-row__actions">
        <Button variant="danger" type="submit" busy={busy} data-testid="area-pause">
          {f("start")}
        </Button>
        <Button onClick={onCancel}>{f("cancel")}</Button>
      </div>
    </form>
  );
}
