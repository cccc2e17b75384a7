/** The way there in the phone's own map program: the one that was chosen last, or that fits the phone and the language. */

import { useState } from "preact/hooks";
import { lang } from "../../core/i18n";
import type { Position } from "../../core/types";
import { ButtonLink, IconButton } from "../../design/button";
import { Sheet } from "../../design/sheet";
import { Choice } from "../../design/toggles";
import { t } from "./text";

const KEY = "nearlive.courier.maps";
const PROGRAMS = ["amap", "baidu", "apple", "google", "geo"] as const;
type Program = (typeof PROGRAMS)[number];

/** Positions are WGS 84; the Chinese programs shift them by themselves when told so. */
const WAYS: Readonly<Record<Program, (to: Position, name: string) => string>> = {
  amap: ({ lon, lat }, name) =>
    `https://uri.amap.com/navigation?${query({ to: `${lon},${lat},${name}`, mode: "ride", coordinate: "wgs84", callnative: "1" })}`,
  baidu: ({ lon, lat }, name) =>
    `https://api.map.baidu.com/direction?${query({ destination: `latlng:${lat},${lon}|name:${name}`, mode: "riding", coord_type: "wgs84", output: "html", src: "nearlive" })}`,
  apple: ({ lon, lat }, name) => `https://maps.apple.com/?${query({ daddr: `${lat},${lon}`, q: name })}`,
  google: ({ lon, lat }) =>
    `https://www.google.com/maps/dir/?${query({ api: "1", destination: `${lat},${lon}`, travelmode: "two-wheeler" })}`,
  geo: ({ lon, lat }, name) => `geo:${lat},${lon}?${query({ q: `${lat},${lon}(${name})` })}`,
};

function query(members: Record<string, string>): string {
  return new URLSearchParams(members).toString();
}

function chosen(): Program {
  const kept = PROGRAMS.find((one) => one === localStorage.getItem(KEY));
  if (kept) return kept;
  if (lang.value === "zh") return "amap";
  if (/iPhone|iPad|Macintosh/.test(navigator.userAgent)) return "apple";
  return /Android/.test(navigator.userAgent) ? "geo" : "google";
}

export function Navigate({ to, name }: { to: Position; name: string }) {
  const [program, setProgram] = useState(chosen);
  const [open, setOpen] = useState(false);
  const choose = (next: Program) => {
    localStorage.setItem(KEY, next);
    setProgram(next);
    setOpen(false);
  };
  return (
    <>
      <span class="co-navigate">
        <ButtonLink href={WAYS[program](to, name)} icon="navigate" data-testid="courier-navigate">
          {t("navigate")}
        </ButtonLink>
        <IconButton icon="chevron-down" size={18} label={t("other_maps")} onClick={() => setOpen(true)} data-testid="courier-maps" />
      </span>
      <Sheet open={open} title={t("other_maps")} onClose={() => setOpen(false)} wide="middle">
        <Choice
          label={t("other_maps")}
          look="rows"
          value={program}
          options={PROGRAMS.map((value) => ({ value, label: t(`maps_${value}`) }))}
          onChange={choose}
        />
      </Sheet>
    </>
  );
}
