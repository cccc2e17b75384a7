/** What a coupon is bound to: found by name, chosen by a tap, taken out again. */

import { useEffect, useRef, useState } from "preact/hooks";
import { get } from "../../core/api";
import type { CouponPlace, CouponScope } from "../../core/types_offers";
import { IconButton } from "../../design/button";
import { TextInput } from "../../design/fields";
import { Icon } from "../../design/icons";
import { ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { SETTLED } from "./paged";
import { o } from "./promotions_text";

interface BoundPickerProps {
  scope: Exclude<CouponScope, "everything">;
  chosen: readonly CouponPlace[];
  error: string | null;
  onChange: (chosen: readonly CouponPlace[]) => void;
}

export function BoundPicker({ scope, chosen, error, onChange }: BoundPickerProps) {
  const [text, setText] = useState("");
  const [found, setFound] = useState<CouponPlace[] | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const asked = useRef<AbortController | null>(null);
  const load = () => {
    asked.current?.abort();
    const { signal } = (asked.current = new AbortController());
    setFailure(null);
    get<{ items: CouponPlace[] }>("/api/console/coupon-places", { scope, q: text.trim() }, { signal }).then(
      ({ items }) => setFound(items),
      (problem: unknown) => signal.aborted || setFailure(problem),
    );
  };
  useEffect(() => {
    const timer = setTimeout(load, found === null ? 0 : SETTLED);
    return () => clearTimeout(timer);
  }, [text]);
  useEffect(() => () => asked.current?.abort(), []);
  const among = (place: CouponPlace) => chosen.some((one) => one.id === place.id);
  const turn = (place: CouponPlace) =>
    onChange(among(place) ? chosen.filter((one) => one.id !== place.id) : [...chosen, place]);
  return (
    <div class="stack pm-bound">
      {chosen.length > 0 && (
        <ul class="pm-bound__chosen" aria-label={o("chosen")}>
          {chosen.map((place) => (
            <li key={place.id} class="pm-bound__one">
              <span>{place.name}</span>
              <IconButton icon="close" size={16} label={o("take_out", { name: place.name ?? place.id })} onClick={() => turn(place)} />
            </li>
          ))}
        </ul>
      )}
      <TextInput
        label={o(`find_${scope}`)}
        labelHidden
        hint={o("find_hint")}
        error={error}
        type="search"
        placeholder={o(`find_${scope}`)}
        enterkeyhint="search"
        start={<Icon name="search" size={20} />}
        value={text}
        maxLength={100}
        onValue={setText}
        onKeyDown={(event) => {
          // Enter looks, it does not make the coupon.
          if (event.key === "Enter") event.preventDefault();
        }}
        data-testid="bound-search"
      />
      {failure !== null && <ErrorState error={failure} onRetry={load} />}
      {found === null && failure === null && <Skeleton height="132px" />}
      {found?.length === 0 && (
        <p class="muted small" role="status">
          {o("find_none")}
        </p>
      )}
      {found !== null && found.length > 0 && (
        <ul class="pm-bound__found">
          {found.map((place) => (
            <li key={place.id}>
              <button
                type="button"
                role="checkbox"
                aria-checked={among(place) ? "true" : "false"}
                class="pm-bound__row"
                onClick={() => turn(place)}
                data-testid={`bound-${place.id}`}
              >
                <span class="pm-bound__mark" aria-hidden="true">
                  {among(place) && <Icon name="check" size={16} />}
                </span>
                <span class="grow">
                  <span>{place.name}</span>
                  {place.note && <span class="muted small pm-bound__note">{place.note}</span>}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
