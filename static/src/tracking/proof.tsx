/** How it was shown that the goods were given. */

import { useEffect, useState } from "preact/hooks";

import { blobOf } from "../core/api";
import { clock } from "../core/i18n";
import type { Proof } from "../core/types";
import { Icon } from "../design/icons";
import { Skeleton } from "../design/progress";
import { t } from "./text";

export function ProofCard({ proof }: { proof: Proof }) {
  const own = proof.url?.startsWith("/") ?? false;
  return (
    <section class="proof" data-testid="proof" data-kind={proof.kind}>
      <h3>{t("proof_title")}</h3>
      <p class="proof__line">
        <Icon name={proof.kind === "photo" ? "photo" : "check-circle"} size={20} />
        <span class="num">{t(`proof_${proof.kind}`, { time: clock(proof.at) })}</span>
      </p>
      {own && proof.url && <Photo key={proof.url} url={proof.url} alt={t(proof.kind === "signature" ? "proof_alt_signature" : "proof_alt")} />}
      {!own && proof.url && (
        <p>
          <a href={proof.url} target="_blank" rel="noopener noreferrer">
            {t("proof_see")}
          </a>
        </p>
      )}
    </section>
  );
}

/** A picture that only its buyer may see, so it is asked for with the token. */
function Photo({ url, alt }: { url: string; alt: string }) {
  const [source, setSource] = useState<string | null>(null);
  const [gone, setGone] = useState(false);
  useEffect(() => {
    let made: string | null = null;
    let left = false;
    blobOf(url)
      .then((blob) => {
        if (left) return;
        made = URL.createObjectURL(blob);
        setSource(made);
      })
      .catch(() => setGone(true));
    return () => {
      left = true;
      if (made) URL.revokeObjectURL(made);
    };
  }, [url]);
  if (gone) return <p class="muted small">{t("proof_gone")}</p>;
  if (source === null) return <Skeleton ratio="4 / 3" />;
  return <img class="proof__photo" src={source} alt={alt} data-testid="proof-photo" />;
}
