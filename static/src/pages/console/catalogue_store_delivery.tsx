/** How far a store delivers, and how many orders it takes. */

import { useRef, useState } from "preact/hooks";
import { distance, number } from "../../core/i18n";
import type { Position } from "../../core/types";
import { Button, IconButton } from "../../design/button";
import { TextArea, TextInput } from "../../design/fields";
import { toast } from "../../design/toast";
import { Choice } from "../../design/toggles";
import { ZoneMap } from "../../map/zone_map";
import { around, between, cornersOf, isCrossed, MOST_HANDLES, reach, ringOf, ringsFrom, squareKilometres } from "../../map/zone_shape";
import { e } from "./catalogue_edit_text";
import { marksOf, NO_TOLD, type StorePartProps } from "./catalogue_store_facts";
import { placeOf, radiusOf, type StoreForm } from "./catalogue_store_form";
import { c } from "./catalogue_text";

const CIRCLES = [1000, 3000, 5000] as const;

export function StoreDeliveryPart({ form, faults, others, onForm }: StorePartProps) {
  const [chosen, setChosen] = useState<number | null>(null);
  const [past, setPast] = useState<Pick<StoreForm, "corners" | "holes">[]>([]);
  const last = useRef<Position>({ lon: Number(form.lon), lat: Number(form.lat) });
  last.current = placeOf(form, last.current);
  const store = last.current;
  const inArea = form.reach === "area";
  const crossed = inArea && isCrossed(form.corners);
  const draw = (change: Partial<Pick<StoreForm, "corners" | "holes">>) => {
    setPast([...past.slice(-49), { corners: form.corners, holes: form.holes }]);
    onForm(change);
  };
  const undo = () => {
    const before = past.at(-1);
    if (!before) return;
    setPast(past.slice(0, -1));
    setChosen(null);
    onForm(before);
  };
  const move = (at: number, place: Position) => draw({ corners: form.corners.map((one, spot) => (spot === at ? place : one)) });
  const insert = (at: number, place: Position) => {
    draw({ corners: [...form.corners.slice(0, at), place, ...form.corners.slice(at)] });
    setChosen(at);
  };
  const remove = (at: number) => {
    draw({ corners: form.corners.filter((_, spot) => spot !== at) });
    setChosen(null);
  };
  return (
    <div class="stack">
      <div>
        <p class="n-field__label">{e("reach")}</p>
        <Choice
          label={e("reach")}
          value={form.reach}
          options={[
            { value: "radius", label: e("by_radius") },
            { value: "area", label: e("by_area") },
          ]}
          onChange={(value) => onForm({ reach: value })}
        />
      </div>
      {!inArea && (
        <TextInput
          label={e("radius")}
          error={faults.radius ?? null}
          inputMode="decimal"
          end={e("km")}
          value={form.radius}
          maxLength={8}
          onValue={(radius) => onForm({ radius })}
          data-testid="store-radius"
        />
      )}
      <ZoneMap
        {...NO_TOLD}
        label={e("area_map")}
        names={{ closer: e("closer"), farther: e("farther"), all: e("all") }}
        others={marksOf(others)}
        store={store}
        name={form.name || e("position")}
        radius={inArea ? null : radiusOf(form)}
        corners={inArea ? form.corners : []}
        holes={inArea ? form.holes.map(cornersOf) : []}
        draws={inArea ? "corners" : null}
        wrong={crossed}
        chosen={chosen}
        onCorner={move}
        onInsert={insert}
        onRemove={remove}
        onChoose={setChosen}
      />
      {inArea && (
        <>
          <AreaState form={form} store={store} fault={faults.corners} crossed={crossed} />
          <div class="ct-actions">
            <Button size="s" icon="refresh" disabled={past.length === 0} onClick={undo} data-testid="area-undo">
              {e("undo")}
            </Button>
            <Button size="s" icon="trash" disabled={form.corners.length === 0} onClick={() => draw({ corners: [], holes: [] })} data-testid="area-clear">
              {e("clear")}
            </Button>
          </div>
          {form.corners.length === 0 && (
            <div class="ct-begin">
              <p class="muted small">{e("no_corners")}</p>
              <span class="ct-actions">
                {CIRCLES.map((radius) => (
                  <Button key={radius} size="s" onClick={() => draw({ corners: around(store, radius) })} data-testid={`area-circle-${radius}`}>
                    {e("from_circle", { distance: distance(radius) })}
                  </Button>
                ))}
              </span>
            </div>
          )}
          {form.holes.length > 0 && (
            <p class="ct-holes small">
              {e("holes", { n: form.holes.length })}
              <Button size="s" onClick={() => draw({ holes: [] })}>
                {e("drop_holes")}
              </Button>
            </p>
          )}
          <Corners form={form} store={store} chosen={chosen} onMove={move} onInsert={insert} onRemove={remove} onChoose={setChosen} />
          <Paste form={form} onUse={(corners, holes) => draw({ corners, holes })} />
        </>
      )}
      <TextInput
        label={c("capacity")}
        hint={c("capacity_hint")}
        error={faults.capacity ?? null}
        inputMode="numeric"
        value={form.capacity}
        maxLength={5}
        onValue={(capacity) => onForm({ capacity })}
        data-testid="store-capacity"
      />
    </div>
  );
}

function AreaState({ form, store, fault, crossed }: { form: StoreForm; store: Position; fault: string | undefined; crossed: boolean }) {
  const wrong = crossed ? e("crossed") : fault;
  if (wrong !== undefined) {
    return (
      <p class="ct-fault small" role="alert" data-testid="area-fault">
        {wrong}
      </p>
    );
  }
  const { corners } = form;
  const text =
    corners.length < 3
      ? corners.length === 0
        ? ""
        : e("corners_few", { n: 3 - corners.length })
      : e("area_size", { size: number(squareKilometres(corners)), distance: distance(reach(store, corners)) });
  return (
    <p class="small" role="status" data-testid="area-state">
      {text}
    </p>
  );
}

interface CornersProps {
  form: StoreForm;
  store: Position;
  chosen: number | null;
  onMove: (at: number, place: Position) => void;
  onInsert: (at: number, place: Position) => void;
  onRemove: (at: number) => void;
  onChoose: (at: number) => void;
}

/** The corners as figures: for the keyboard, and for those who know them. */
function Corners({ form, store, chosen, onMove, onInsert, onRemove, onChoose }: CornersProps) {
  const { corners } = form;
  if (corners.length > MOST_HANDLES) return <p class="muted small">{e("too_many_corners", { n: corners.length })}</p>;
  const add = () => {
    const [first, last] = [corners[0], corners.at(-1)];
    onInsert(corners.length, first && last && corners.length > 1 ? between(last, first) : { lon: store.lon + 0.01 * (corners.length + 1), lat: store.lat + 0.01 });
  };
  return (
    <details class="ct-more">
      <summary>
        {e("corners")} <span class="muted num">{corners.length}</span>
      </summary>
      <p class="muted small">{e("corners_hint")}</p>
      <ol class="ct-corners">
        {corners.map((corner, at) => (
          <li key={`${at}:${corner.lon}:${corner.lat}`} class={at === chosen ? "ct-corner ct-corner--chosen" : "ct-corner"}>
            <span class="num muted">{at + 1}</span>
            <Degrees label={`${e("corner_n", { n: at + 1 })}, ${e("lon")}`} value={corner.lon} most={180} onFocus={() => onChoose(at)} onValue={(lon) => onMove(at, { ...corner, lon })} />
            <Degrees label={`${e("corner_n", { n: at + 1 })}, ${e("lat")}`} value={corner.lat} most={90} onFocus={() => onChoose(at)} onValue={(lat) => onMove(at, { ...corner, lat })} />
            <IconButton icon="trash" size={20} label={`${c("remove")}: ${e("corner_n", { n: at + 1 })}`} onClick={() => onRemove(at)} />
          </li>
        ))}
      </ol>
      <Button size="s" icon="plus" onClick={add} data-testid="corner-add">
        {e("add_corner")}
      </Button>
    </details>
  );
}

/** Taken when the field is left; what is no such number is put back. */
function Degrees(props: { label: string; value: number; most: number; onFocus: () => void; onValue: (value: number) => void }) {
  const { label, value, most, onFocus, onValue } = props;
  return (
    <input
      class="ct-time num"
      inputMode="decimal"
      aria-label={label}
      defaultValue={String(value)}
      onFocus={onFocus}
      onChange={(event) => {
        const read = event.currentTarget.value.trim() === "" ? NaN : Number(event.currentTarget.value);
        if (Math.abs(read) <= most) onValue(read);
        else event.currentTarget.value = String(value);
      }}
    />
  );
}

function Paste({ form, onUse }: { form: StoreForm; onUse: (corners: Position[], holes: StoreForm["holes"]) => void }) {
  const [text, setText] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const use = () => {
    const read = ringsFrom(text);
    if ("fault" in read) return setFault(e(`g_${read.fault}`));
    const [outline = [], ...holes] = read.rings;
    onUse(cornersOf(outline), holes);
    setText("");
    setFault(null);
  };
  const copy = () => {
    const shape = { type: "Polygon", coordinates: [ringOf(form.corners), ...form.holes] };
    void navigator.clipboard.writeText(JSON.stringify(shape)).then(() => toast(e("geojson_copied"), "good"));
  };
  return (
    <details class="ct-more" data-testid="geojson">
      <summary>{e("geojson")}</summary>
      <TextArea
        label={e("geojson")}
        labelHidden
        hint={e("geojson_hint")}
        error={fault}
        rows={4}
        spellcheck={false}
        value={text}
        onValue={(value) => {
          setText(value);
          setFault(null);
        }}
        data-testid="geojson-text"
      />
      <span class="ct-actions">
        <Button size="s" disabled={text.trim() === ""} onClick={use} data-testid="geojson-use">
          {e("use_geojson")}
        </Button>
        {form.corners.length > 2 && (
          <Button size="s" icon="copy" onClick={copy}>
            {e("copy_geojson")}
          </Button>
        )}
      </span>
    </details>
  );
}
