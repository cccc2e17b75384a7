/** The word rules: what is blocked, masked or held before anybody sees it. */

import { useState } from "preact/hooks";
import { del, post } from "../../core/api";
import { ago } from "../../core/i18n";
import { problemText } from "../../core/problems";
import type { Rule } from "../../core/types_console";
import { Button, IconButton } from "../../design/button";
import { Confirm } from "../../design/dialog";
import { Select, TextInput } from "../../design/fields";
import { Badge } from "../../design/labels";
import { toast } from "../../design/toast";
import { Choice } from "../../design/toggles";
import { ListFrame } from "./list_frame";
import { usePaged, type Paged } from "./paged";
import { t } from "./text";

const ACTIONS = ["block", "hold", "mask", "allow"] as const;
const CATEGORIES = ["abuse", "sexual", "violence", "fraud", "spam", "minor", "other"] as const;
const TONES = { block: "bad", mask: "info", hold: "warn", allow: "good" } as const;

export function nameOf(by: string | { name: string }): string {
  return typeof by === "string" ? by : by.name;
}

function categoryName(category: string): string {
  const known = CATEGORIES.find((one) => one === category);
  return known ? t(`r_${known}`) : category;
}

export function Rules() {
  const list = usePaged<Rule>("/api/console/rules");
  const [doomed, setDoomed] = useState<Rule | null>(null);
  const remove = async (rule: Rule) => {
    setDoomed(null);
    try {
      await del(`/api/console/rules/${rule.id}`);
      list.change((old) => old.filter((one) => one.id !== rule.id));
    } catch (error) {
      toast(problemText(error), "bad");
    }
  };
  return (
    <div class="cs-rules">
      <NewRule list={list} />
      <ListFrame title={t("rules")} list={list} emptyIcon="filter" empty={t("none_rules")}>
        {(items) => (
          <ul class="cs-rows">
            {[...items].sort((a, b) => b.at.localeCompare(a.at)).map((rule) => (
              <li key={rule.id} class="cs-row cs-row--slim" data-testid={`rule-${rule.id}`}>
                <div class="cs-row__main">
                  <p class="cs-rule">
                    <code>{rule.pattern}</code>
                    <Badge tone={TONES[rule.action]}>{t(`a_${rule.action}`)}</Badge>
                    <span class="muted small">{categoryName(rule.category)}</span>
                  </p>
                  <p class="muted small">{[rule.note, nameOf(rule.by), ago(rule.at)].filter(Boolean).join(" · ")}</p>
                </div>
                <IconButton icon="trash" size={20} label={t("remove")} onClick={() => setDoomed(rule)} data-testid="rule-remove" />
              </li>
            ))}
          </ul>
        )}
      </ListFrame>
      <Confirm
        open={doomed !== null}
        title={t("remove_rule_q")}
        text={doomed?.pattern}
        confirmLabel={t("remove")}
        cancelLabel={t("cancel")}
        danger
        onConfirm={() => doomed && void remove(doomed)}
        onClose={() => setDoomed(null)}
      />
    </div>
  );
}

function NewRule({ list }: { list: Paged<Rule> }) {
  const [pattern, setPattern] = useState("");
  const [action, setAction] = useState<(typeof ACTIONS)[number]>("block");
  const [category, setCategory] = useState<string>("abuse");
  const [note, setNote] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const add = async (event: Event) => {
    event.preventDefault();
    if (pattern.trim() === "") {
      setError(t("required"));
      return;
    }
    setBusy(true);
    try {
      const body = { pattern: pattern.trim(), action, category };
      const rule = await post<Rule>("/api/console/rules", note.trim() ? { ...body, note: note.trim() } : body);
      list.change((old) => [rule, ...old]);
      setPattern("");
      setNote("");
      toast(t("rule_added"), "good");
    } catch (failure) {
      setError(problemText(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="cs-form stack" onSubmit={(event) => void add(event)}>
      <h2>{t("add_rule")}</h2>
      <TextInput
        label={t("pattern")}
        hint={t("pattern_hint")}
        error={error}
        value={pattern}
        maxLength={64}
        onValue={(value) => {
          setPattern(value);
          setError(null);
        }}
        data-testid="rule-pattern"
      />
      <div class="w-setting">
        <span class="w-setting__label">{t("action")}</span>
        <Choice
          label={t("action")}
          value={action}
          options={ACTIONS.map((value) => ({ value, label: t(`a_${value}`) }))}
          onChange={setAction}
        />
      </div>
      <Select
        label={t("category")}
        value={category}
        options={CATEGORIES.map((value) => ({ value, label: t(`r_${value}`) }))}
        onValue={setCategory}
      />
      <TextInput label={t("note")} optional={t("optional")} value={note} maxLength={200} onValue={setNote} />
      <Button type="submit" variant="primary" busy={busy} data-testid="rule-add">
        {t("add_rule")}
      </Button>
    </form>
  );
}
