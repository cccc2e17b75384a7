import { useEffect, useState } from "preact/hooks";

/** A picture that is replaced only once the next one has loaded, so that it never blinks. */
export function Still({ src, fallback, round }: { src: string | null; fallback: string | null; round: number }) {
  const [shown, setShown] = useState<string | null>(null);

  useEffect(() => {
    if (src === null) return;
    const next = new Image();
    const url = `${src}${src.includes("?") ? "&" : "?"}r=${round}`;
    next.onload = () => setShown(url);
    next.src = url;
    return () => {
      next.onload = null;
    };
  }, [src, round]);

  const url = shown ?? fallback;
  return url ? <img class="show-card__still" src={url} alt="" /> : null;
}
