/** The form for signing in, signing up and accepting an invitation. */

import { useState } from "preact/hooks";
import { ApiProblem } from "../../core/api";
import { problemText } from "../../core/problems";
import type { User } from "../../core/types";
import { Button } from "../../design/button";
import { TextInput } from "../../design/fields";
import { Icon } from "../../design/icons";
import { t } from "./text";

export interface CredentialsProps {
  /** With a name, and for a password that is new. */
  fresh: boolean;
  submitLabel: string;
  send: (login: string, password: string, name: string) => Promise<User>;
  onUser: (user: User) => void;
}

type FieldName = "login" | "name" | "password";

export function Credentials({ fresh, submitLabel, send, onUser }: CredentialsProps) {
  const [values, setValues] = useState({ login: "", name: "", password: "" });
  const [errors, setErrors] = useState<Partial<Record<FieldName | "form", string>>>({});
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState(false);
  const set = (field: FieldName) => (value: string) => {
    setValues((old) => ({ ...old, [field]: value }));
    setErrors((old) => ({ ...old, [field]: undefined, form: undefined }));
  };

  const submit = async (event: Event) => {
    event.preventDefault();
    const missing = (fresh ? (["name", "login", "password"] as const) : (["login", "password"] as const)).filter(
      (field) => values[field].trim() === "",
    );
    if (missing.length > 0) {
      setErrors(Object.fromEntries(missing.map((field) => [field, t("required")])));
      return;
    }
    setBusy(true);
    try {
      onUser(await send(values.login.trim(), values.password, values.name.trim()));
    } catch (error) {
      setErrors(errorsOf(error));
      setBusy(false);
    }
  };

  return (
    <form class="stack" onSubmit={(event) => void submit(event)} noValidate>
      {fresh && (
        <TextInput
          label={t("name")}
          hint={t("name_hint")}
          error={errors.name}
          value={values.name}
          onValue={set("name")}
          autocomplete="name"
          maxLength={24}
          data-testid="sign-up-name"
        />
      )}
      <TextInput
        label={t("login")}
        hint={fresh ? t("login_hint") : undefined}
        error={errors.login}
        value={values.login}
        onValue={set("login")}
        autocomplete="username"
        autocapitalize="none"
        spellcheck={false}
        maxLength={40}
        data-testid="sign-in-login"
      />
      <TextInput
        label={t("password")}
        hint={fresh ? t("password_hint") : undefined}
        error={errors.password}
        value={values.password}
        onValue={set("password")}
        type={shown ? "text" : "password"}
        autocomplete={fresh ? "new-password" : "current-password"}
        maxLength={200}
        end={
          <button type="button" class="si-show" aria-pressed={shown ? "true" : "false"} onClick={() => setShown(!shown)}>
            {shown ? t("hide") : t("show")}
          </button>
        }
        data-testid="sign-in-password"
      />
      <p class="si-error" role="alert" data-testid="sign-in-error">
        {errors.form && (
          <>
            <Icon name="alert" size={18} />
            {errors.form}
          </>
        )}
      </p>
      <Button type="submit" variant="primary" size="l" wide busy={busy} data-testid="sign-in-submit">
        {submitLabel}
      </Button>
    </form>
  );
}

function errorsOf(error: unknown): Partial<Record<FieldName | "form", string>> {
  const text = problemText(error);
  if (!(error instanceof ApiProblem)) return { form: text };
  if (error.code === "login_taken") return { login: text };
  if (error.field === "login" || error.field === "name" || error.field === "password") {
    const hint = error.field === "login" ? t("login_hint") : error.field === "password" ? t("password_hint") : text;
    return { [error.field]: hint };
  }
  return { form: text };
}
