/** The associate's shows, and making a new one. */

import { useEffect, useState } from "preact/hooks";
import { del, get } from "../../core/api";
import { compact, duration, when } from "../../core/i18n";
import { problemText } from "../../core/problems";
import type { Page, Show, User } from "../../core/types";
import { Button, IconButton } from "../../design/button";
import { Confirm } from "../../design/dialog";
import { Icon, Wordmark } from "../../design/icons";
import { Badge, StatusPill } from "../../design/labels";
import { EmptyState, ErrorState } from "../../design/notices";
import { Skeleton } from "../../design/progress";
import { TopBar } from "../../design/rows";
import { toast } from "../../design/toast";
import { AccountButton } from "../../work/account";
import { EarningsButton } from "./earnings";
import { ShowForm } from "./show_form";
import { t } from "./text";

export function Shows({ me, onOpen }: { me: User; onOpen: (id: string) => void }) {
  const [shows, setShows] = useState<Show[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [form, setForm] = useState<Show | "new" | null>(null);
  const [doomed, setDoomed] = useState<Show | null>(null);

  const load = async (before: string | null) => {
    setError(null);
    try {
      const page = await get<Page<Show>>("/api/my/shows", { before });
      setShows((old) => (before && old ? [...old, ...page.items] : page.items));
      setNext(page.next);
    } catch (failure) {
      setError(failure);
    }
  };
  useEffect(() => void load(null), []);

  const remove = async (show: Show) => {
    setDoomed(null);
    try {
      await del(`/api/shows/${show.id}`);
      setShows((old) => old?.filter((one) => one.id !== show.id) ?? null);
    } catch (failure) {
      toast(problemText(failure), "bad");
    }
  };

  const groups = shows && [
    { name: t("on_now"), items: shows.filter((show) => show.status === "live" || show.status === "paused") },
    { name: t("coming"), items: shows.filter((show) => show.status === "draft" || show.status === "scheduled") },
    { name: t("past"), items: shows.filter((show) => show.status === "ended") },
  ];

  return (
    <div class="st-list">
      <TopBar start={<Wordmark />} end={<AccountButton />} />
      <main class="page st-list__main">
        <div class="st-list__head">
          <div>
            <p class="muted small">{me.store_name}</p>
            <h1>{t("hello", { name: me.name })}</h1>
          </div>
          <div class="st-list__actions">
            <EarningsButton />
            <Button variant="primary" size="l" icon="broadcast" onClick={() => setForm("new")} data-testid="new-show">
              {t("new_show")}
            </Button>
          </div>
        </div>
        {error !== null && <ErrorState error={error} onRetry={() => void load(null)} />}
        {shows === null && error === null && <Loading />}
        {shows?.length === 0 && (
          <EmptyState icon="broadcast" title={t("none_title")} text={t("none_text")} data-testid="no-shows" />
        )}
        {groups
          ?.filter((group) => group.items.length > 0)
          .map((group) => (
            <section key={group.name} class="st-group">
              <h2>{group.name}</h2>
              <ul class="st-cards">
                {group.items.map((show) => (
                  <ShowRow
                    key={show.id}
                    show={show}
                    onOpen={() => onOpen(show.id)}
                    onEdit={() => setForm(show)}
                    onDelete={() => setDoomed(show)}
                  />
                ))}
              </ul>
            </section>
          ))}
        {next && (
          <Button onClick={() => void load(next)} data-testid="more-shows">
            {t("more")}
          </Button>
        )}
      </main>
      <ShowForm
        show={form}
        onClose={() => setForm(null)}
        onSaved={(saved) => {
          const fresh = form === "new";
          setForm(null);
          if (fresh && saved.status === "draft") onOpen(saved.id);
          else void load(null);
        }}
      />
      <Confirm
        open={doomed !== null}
        title={t("delete_q")}
        text={t("delete_text")}
        confirmLabel={t("delete")}
        cancelLabel={t("cancel")}
        danger
        onConfirm={() => doomed && void remove(doomed)}
        onClose={() => setDoomed(null)}
      />
    </div>
  );
}

interface ShowRowProps {
  show: Show;
  onOpen: () => void;
  onEdit: () => void;
  onDelete: () => void;
}

function ShowRow({ show, onOpen, onEdit, onDelete }: ShowRowProps) {
  const on = show.status === "live" || show.status === "paused";
  const over = show.status === "ended";
  return (
    <li class="st-card" data-testid={`show-${show.id}`}>
      <button type="button" class="st-card__open" onClick={onOpen} data-testid={`open-show-${show.id}`}>
        <span class="st-card__cover">
          {show.cover_url ? <img src={show.cover_url} alt="" loading="lazy" /> : <Icon name="image" size={26} />}
        </span>
        <span class="st-card__text">
          <span class="st-card__title">{show.title}</span>
          <span class="st-card__note">{noteOf(show)}</span>
          <span class="st-card__status">
            {on ? (
              <Badge tone="accent" solid live>
                {t(show.status)}
              </Badge>
            ) : (
              <StatusPill tone={show.status === "scheduled" ? "info" : show.end_reason === "cut" ? "bad" : "neutral"}>
                {over && show.end_reason && show.end_reason !== "ended" ? t(show.end_reason) : t(show.status)}
              </StatusPill>
            )}
          </span>
        </span>
        <Icon name="chevron-right" size={20} />
      </button>
      {!on && !over && (
        <span class="st-card__tools">
          <IconButton icon="edit" size={20} label={t("edit")} onClick={onEdit} data-testid={`edit-show-${show.id}`} />
          <IconButton
            icon="trash"
            size={20}
            label={t("delete")}
            onClick={onDelete}
            data-testid={`delete-show-${show.id}`}
          />
        </span>
      )}
    </li>
  );
}

function noteOf(show: Show): string {
  if (show.status === "scheduled" && show.scheduled_at) return when(show.scheduled_at);
  if (show.status === "live" || show.status === "paused") return `${compact(show.viewers)} ${t("viewers")}`;
  if (show.status === "ended" && show.started_at && show.ended_at) {
    const seconds = (Date.parse(show.ended_at) - Date.parse(show.started_at)) / 1000;
    return `${when(show.started_at)} · ${duration(seconds)}`;
  }
  return `${show.cards.length} ${t("shelf")}`;
}

function Loading() {
  return (
    <div class="st-cards" aria-label={t("loading")}>
      {[1, 2, 3].map((row) => (
        <Skeleton key={row} height="108px" />
      ))}
    </div>
  );
}
