/** What a store is called, and where it is. */

import { useRef, useState } from "preact/hooks";
import { currentPosition, geoProblemOf } from "../../core/geo";
import { problemText } from "../../core/problems";
import type { Position } from "../../core/types";
import type { StoreEntry } from "../../core/types_catalogue";
import { Button } from "../../design/button";
import { TextArea, TextInput } from "../../design/fields";
import { toast } from "../../design/toast";
import { ZoneMap } from "../../map/zone_map";
import { rounded } from "../../map/zone_shape";
import { keyFor } from "./catalogue_draft";
import { e } from "./catalogue_edit_text";
import { placeOf, radiusOf, type StoreFaults, type StoreForm } from "./catalogue_store_form";

export interface StorePartProps {
  form: StoreForm;
  faults: StoreFaults;
  fresh: boolean;
  others: readonly StoreEntry[];
  onForm: (change: Partial<StoreForm>) => void;
}

export const NO_TOLD = {
  onStore: () => undefined,
  onCorner: () => undefined,
  onInsert: () => undefined,
  onRemove: () => undefined,
  onChoose: () => undefined,
  cornerName: (at: number) => e("corner_n", { n: at + 1 }),
};

export function marksOf(others: readonly StoreEntry[]): { name: string; position: Position }[] {
  return others.map(({ row }) => ({ name: row.name, position: row.position }));
}

function zones(): string[] {
  return Intl.supportedValuesOf("timeZone");
}

export function StoreFactsPart({ form, faults, fresh, others, onForm }: StorePartProps) {
  const [fallback] = useState(form.key);
  const keyed = useRef(false);
  const last = useRef<Position>({ lon: Number(form.lon), lat: Number(form.lat) });
  last.current = placeOf(form, last.current);
  const put = (place: Position) => onForm({ lon: String(place.lon), lat: String(place.lat) });
  const locate = async () => {
    try {
      const { coords } = await currentPosition();
      put(rounded({ lon: coords.longitude, lat: coords.latitude }));
    } catch (failure) {
      toast(problemText(failure instanceof GeolocationPositionError ? geoProblemOf(failure) : failure), "bad");
    }
  };
  return (
    <div class="stack">
      <TextInput
        label={e("name")}
        error={faults.name ?? null}
        value={form.name}
        maxLength={200}
        onValue={(name) => onForm(fresh && !keyed.current ? { name, key: keyFor(name, fallback) } : { name })}
        data-testid="store-name"
      />
      {fresh && (
        <TextInput
          label={e("key")}
          hint={e("key_hint")}
          error={faults.key ?? null}
          value={form.key}
          maxLength={60}
          autocapitalize="none"
          spellcheck={false}
          onValue={(key) => {
            keyed.current = true;
            onForm({ key: key.toLowerCase() });
          }}
          data-testid="store-key"
        />
      )}
      <TextArea
        label={e("address")}
        error={faults.address ?? null}
        rows={2}
        value={form.address}
        maxLength={500}
        onValue={(address) => onForm({ address })}
        data-testid="store-address"
      />
      <TextInput label={e("phone")} type="tel" error={faults.phone ?? null} value={form.phone} maxLength={40} onValue={(phone) => onForm({ phone })} data-testid="store-phone" />
      <section class="stack">
        <div>
          <h3>{e("position")}</h3>
          <p class="muted small">{e("position_hint")}</p>
        </div>
        <ZoneMap
          {...NO_TOLD}
          label={e("map")}
          names={{ closer: e("closer"), farther: e("farther"), all: e("all") }}
          others={marksOf(others)}
          store={last.current}
          name={form.name || e("position")}
          radius={form.reach === "radius" ? radiusOf(form) : null}
          corners={form.reach === "area" ? form.corners : []}
          holes={[]}
          draws="store"
          wrong={false}
          chosen={null}
          onStore={put}
        />
        <div class="ct-pair">
          <TextInput
            label={e("lon")}
            error={faults.lon ?? null}
            inputMode="decimal"
            value={form.lon}
            maxLength={24}
            onValue={(lon) => onForm({ lon })}
            data-testid="store-lon"
          />
          <TextInput
            label={e("lat")}
            error={faults.lat ?? null}
            inputMode="decimal"
            value={form.lat}
            maxLength={24}
            onValue={(lat) => onForm({ lat })}
            data-testid="store-lat"
          />
        </div>
        <Button size="s" icon="locate" onClick={() => void locate()}>
          {e("here")}
        </Button>
      </section>
      <div>
        <TextInput
          label={e("time_zone")}
          hint={e("time_zone_hint")}
          error={faults.time_zone ?? null}
          value={form.time_zone}
          list="ct-zones"
          maxLength={60}
          autocapitalize="none"
          spellcheck={false}
          onValue={(time_zone) => onForm({ time_zone: time_zone.trim() })}
          data-testid="store-zone"
        />
        <datalist id="ct-zones">
          {zones().map((zone) => (
            <option key={zone} value={zone} />
          ))}
        </datalist>
      </div>
    </div>
  );
}
