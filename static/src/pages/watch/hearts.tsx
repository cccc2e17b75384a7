import { useSignalEffect } from "@preact/signals";
import { useRef, useState } from "preact/hooks";

import { compact } from "../../core/i18n";
import { IconButton } from "../../design/button";
import { Icon } from "../../design/icons";
import type { Room } from "./room";
import { t } from "./text";

const MOST = 14;
const FLIGHT = 2_200;

interface Flying {
  id: number;
  /** Sideways drift, px. */
  drift: number;
  tint: number;
}

/** The heart button, how many there are, and the hearts that fly; none fly where motion is unwanted. */
export function Hearts({ room, hearts }: { room: Room; hearts: number }) {
  const [flying, setFlying] = useState<readonly Flying[]>([]);
  const next = useRef(1);
  const known = useRef(0);
  const own = useRef(0);

  function launch(count: number): void {
    if (document.hidden || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const fresh = Array.from({ length: count }, (): Flying => ({ id: next.current++, drift: Math.random() * 60 - 30, tint: next.current % 3 }));
    setFlying((now) => [...now, ...fresh].slice(-MOST));
    const ids = new Set(fresh.map(({ id }) => id));
    setTimeout(() => setFlying((now) => now.filter(({ id }) => !ids.has(id))), FLIGHT);
  }

  useSignalEffect(() => {
    const total = room.burst.value;
    const fresh = total - known.current;
    known.current = total;
    // Our own came back with the others': they have flown already.
    const others = Math.max(0, fresh - own.current);
    own.current = Math.max(0, own.current - fresh);
    if (others > 0) launch(Math.min(others, 5));
  });

  return (
    <div class="hearts">
      <div class="hearts__sky" aria-hidden="true">
        {flying.map(({ id, drift, tint }) => (
          <span key={id} class={`hearts__one hearts__one--${tint}`} style={{ "--drift": `${drift}px` }}>
            <Icon name="heart-solid" size={26} />
          </span>
        ))}
      </div>
      <IconButton
        icon="heart"
        label={t("heart")}
        variant="glass"
        class="hearts__button"
        data-testid="heart-button"
        onClick={() => {
          own.current += 1;
          room.heart();
          launch(1);
        }}
      />
      {hearts > 0 && (
        <span class="hearts__count num" data-testid="hearts">
          <span aria-hidden="true">{compact(hearts)}</span>
          <span class="sr-only">{t("hearts", { count: compact(hearts) })}</span>
        </span>
      )}
    </div>
  );
}
