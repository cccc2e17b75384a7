/** The buttons over a map. */

import type { RefObject } from "preact";
import type { Position } from "../core/types";
import { IconButton } from "../design/button";
import type { Board } from "./board";

interface MapToolsProps {
  board: RefObject<Board | null>;
  names: { closer: string; farther: string; all?: string };
  /** What `all` shows: it moves by itself again from then on. None: there is no such button. */
  places?: readonly Position[];
}

export function MapTools({ board, names, places }: MapToolsProps) {
  return (
    <div class="n-map__tools">
      <IconButton icon="plus" label={names.closer} size={20} onClick={() => board.current?.map.zoomIn()} />
      <IconButton icon="minus" label={names.farther} size={20} onClick={() => board.current?.map.zoomOut()} />
      {places && names.all !== undefined && (
        <IconButton
          icon="locate"
          label={names.all}
          size={20}
          onClick={() => {
            if (!board.current) return;
            board.current.held = false;
            board.current.fit(places);
          }}
        />
      )}
    </div>
  );
}
