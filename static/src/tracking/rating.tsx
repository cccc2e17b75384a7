/** What the buyer thought of the delivery: stars, then what fits them. */

import { useState } from "preact/hooks";

import { keepTracking } from "../buying/my_orders";
import { post } from "../core/api";
import { when } from "../core/i18n";
import type { Tracking } from "../core/types";
import { Button } from "../design/button";
import { TextInput } from "../design/fields";
import { Icon } from "../design/icons";
import { ProblemNote } from "../design/notices";
import { isTag, tagsFor, type Tag } from "./sentences";
import { t } from "./text";

const STARS = [1, 2, 3, 4, 5] as const;

export function RatingCard({ orderId, tracking }: { orderId: string; tracking: Tracking }) {
  if (tracking.rating) return <Given rating={tracking.rating} />;
  if (tracking.rate_until === null || Date.parse(tracking.rate_until) < Date.now()) return null;
  return <Ask orderId={orderId} until={tracking.rate_until} />;
}

function Ask({ orderId, until }: { orderId: string; until: string }) {
  const [stars, setStars] = useState(0);
  const [tags, setTags] = useState<readonly Tag[]>([]);
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const choose = (number: number) => {
    setStars(number);
    setTags((kept) => kept.filter((tag) => tagsFor(number).includes(tag)));
  };
  async function send(): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      keepTracking(orderId, await post<Tracking>(`/api/orders/${encodeURIComponent(orderId)}/rating`, { stars, tags, text }));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  }
  return (
    <section class="rating" data-testid="rating">
      <fieldset class="rating__stars">
        <legend>{t("rate_title")}</legend>
        <div class="rating__row">
          {STARS.map((number) => (
            <label key={number} class={number <= stars ? "rating__star rating__star--on" : "rating__star"}>
              <input type="radio" class="sr-only" name="stars" value={number} checked={stars === number} onChange={() => choose(number)} data-testid={`star-${number}`} />
              <span class="sr-only">
                {t("rate_star", { n: number })}: {t(`star${number}`)}
              </span>
              <Icon name="star" size={34} />
            </label>
          ))}
          {stars > 0 && (
            <span class="rating__word" aria-hidden="true">
              {t(`star${stars as (typeof STARS)[number]}`)}
            </span>
          )}
        </div>
      </fieldset>
      {stars > 0 && (
        <>
          <div class="rating__tags">
            {tagsFor(stars).map((tag) => (
              <button
                key={tag}
                type="button"
                class="rating__tag"
                aria-pressed={tags.includes(tag) ? "true" : "false"}
                onClick={() => setTags(tags.includes(tag) ? tags.filter((one) => one !== tag) : [...tags, tag])}
                data-testid={`tag-${tag}`}
              >
                {t(tag)}
              </button>
            ))}
          </div>
          <TextInput label={t("rate_text")} value={text} onValue={setText} maxLength={300} data-testid="rate-text" />
          <ProblemNote error={error} />
          <div class="rating__send">
            <Button variant="primary" busy={busy} onClick={() => void send()} data-testid="rate-send">
              {t("rate_send")}
            </Button>
            <p class="muted small">{t("rate_note", { when: when(until) })}</p>
          </div>
        </>
      )}
    </section>
  );
}

function Given({ rating }: { rating: NonNullable<Tracking["rating"]> }) {
  return (
    <section class="rating" data-testid="rated" role="status">
      <h3>{t("rate_given")}</h3>
      <p class="rating__row" aria-label={t("rate_star", { n: rating.stars })} role="img">
        {STARS.map((number) => (
          <Icon key={number} name="star" size={22} class={number <= rating.stars ? "rating__given rating__given--on" : "rating__given"} />
        ))}
      </p>
      {rating.tags.length > 0 && <p class="small">{rating.tags.filter(isTag).map((tag) => t(tag)).join(" · ")}</p>}
      {rating.text && <p class="muted">“{rating.text}”</p>}
      <p class="muted small">{t("rate_done")}</p>
    </section>
  );
}
