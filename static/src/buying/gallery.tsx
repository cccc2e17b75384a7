import { useEffect, useRef, useState } from "preact/hooks";

import { IconButton } from "../design/button";
import { t } from "./offer_text";

export interface GalleryProps {
  pictures: readonly { url: string; alt: string }[];
  /** Of the product: what a picture without a text of its own shows. */
  name: string;
}

/** A product's pictures, side by side: swiped, stepped by buttons, or scrolled by the keyboard. */
export function Gallery({ pictures, name }: GalleryProps) {
  const strip = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const first = pictures[0]?.url;
  useEffect(() => {
    strip.current?.scrollTo({ left: 0 });
    setAt(0);
  }, [first]);

  function show(index: number): void {
    const element = strip.current;
    element?.scrollTo({ left: index * element.clientWidth, behavior: "smooth" });
  }

  return (
    <section class="buy-gallery" aria-label={t("pictures")} aria-roledescription="carousel" data-testid="gallery">
      <div
        ref={strip}
        class="buy-gallery__strip"
        tabIndex={0}
        role="group"
        aria-label={t("picture_of", { n: at + 1, all: pictures.length })}
        onScroll={({ currentTarget }) => setAt(Math.round(currentTarget.scrollLeft / Math.max(1, currentTarget.clientWidth)))}
        onKeyDown={(event) => {
          const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
          if (by === 0) return;
          event.preventDefault();
          show(Math.min(pictures.length - 1, Math.max(0, at + by)));
        }}
      >
        {pictures.map(({ url, alt }, index) => (
          <img key={url} class="buy-gallery__picture" src={url} alt={alt || name} loading={index < 2 ? "eager" : "lazy"} draggable={false} />
        ))}
      </div>
      {at > 0 && <IconButton icon="back" label={t("picture_before")} size={20} class="buy-gallery__step" onClick={() => show(at - 1)} />}
      {at < pictures.length - 1 && (
        <IconButton icon="chevron-right" label={t("picture_next")} size={20} class="buy-gallery__step buy-gallery__step--next" onClick={() => show(at + 1)} />
      )}
      <span class="buy-gallery__count num" aria-hidden="true">
        {at + 1} / {pictures.length}
      </span>
    </section>
  );
}
