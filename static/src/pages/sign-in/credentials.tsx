/** The form for signing in, signing up and accepting an invitation. */

import { useEffect, useRef, useState } from "preact/hooks";
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

/** In the order of the form. */
const FIELDS = ["name", "login", "password"] as const;
type FieldName = (typeof FIELDS)[number];
type Faults = Partial<Record<FieldName | "form", string>>;

export function Credentials({ fresh, submitLabel, send, onUser }: CredentialsProps) {
  const [values, setValues] = useState({ login: "", name: "", password: "" });
  const [errors, setErrors] = useState<Faults>({});
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState(false);
  const [refusals, setRefusals] = useState(0);
  const form = useRef<HTMLFormElement>(null);
  const field = (name: FieldName) => form.current?.querySelector<HTMLInputElement>(`input[name="${name}"]`);

  useEffect(() => {
    // On a touch screen this would push the keyboard over the page before one has seen it.
    if (matchMedia("(pointer: fine)").matches) form.current?.querySelector("input")?.focus();
  }, []);

  useEffect(() => {
    // The field says what is wrong with it when it gets the focus.
    const first = FIELDS.find((name) => errors[name]);
    if (first) field(first)?.focus();
    else if (errors.form) field("password")?.select();
  }, [refusals]);

  const set = (name: FieldName) => (value: string) => {
    setValues((old) => ({ ...old, [name]: value }));
    setErrors((old) => ({ ...old, [name]: undefined, form: undefined }));
  };

  const refuse = (faults: Faults) => {
    setErrors(faults);
    setRefusals((count) => count + 1);
  };

  const submit = async (event: Event) => {
    event.preventDefault();
    const missing = FIELDS.filter((name) => (fresh || name !== "name") && values[name].trim() === "");
    if (missing.length > 0) {
      refuse(Object.fromEntries(missing.map((name) => [name, t("required")])));
      return;
    }
    setBusy(true);
    try {
      onUser(await send(values.login.trim(), values.password, values.name.trim()));
    } catch (error) {
      refuse(errorsOf(error));
      setBusy(false);
    }
  };

  return (
    <form ref={form} class="stack" onSubmit={(event) => void submit(event)} noValidate>
      {fresh && (
        <TextInput
          label={t("name")}
          hint={t("name_hint")}
          error={errors.name}
          value={values.name}
          onValue={set("name")}
          name="name"
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
        name="login"
        autocomplete="username"
        enterkeyhint="next"
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
        name="password"
        enterkeyhint="go"
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

function errorsOf(error: unknown): Faults {
  const text = problemText(error);
  if (!(error instanceof ApiProblem)) return { form: text };
  if (error.code === "login_taken") return { login: text };
  if (error.field === "login" || error.field === "name" || error.field === "password") {
    const hint = error.field === "login" ? t("login_hint") : error.field === "password" ? t("password_hint") : text;
    return { [error.field]: hint };
  }
  return { form: text };
}
