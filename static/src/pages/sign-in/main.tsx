import { useEffect, useState } from "preact/hooks";
import { mount } from "../../core/page";
import { signIn, signUp, startSession } from "../../core/session";
import type { User } from "../../core/types";
import { landing } from "../../work/places";
import { Credentials } from "./credentials";
import { Frame } from "./frame";
import { t } from "./text";

const query = new URLSearchParams(location.search);

function go(user: User): void {
  location.replace(landing(user.role, query.get("next")));
}

function SignIn() {
  const [fresh, setFresh] = useState(query.get("new") === "1");
  useEffect(() => {
    // Whoever is signed in already is sent on; guests are here to become somebody.
    startSession({ guests: false }).then(
      (user) => user && user.role !== "guest" && go(user),
      () => undefined,
    );
  }, []);
  return (
    <Frame>
      <div class="stack si-title">
        <h1>{fresh ? t("join_us") : t("welcome")}</h1>
        <p class="muted">{fresh ? t("lead_up") : t("lead_in")}</p>
      </div>
      <Credentials
        key={fresh ? "up" : "in"}
        fresh={fresh}
        submitLabel={fresh ? t("sign_up") : t("sign_in")}
        send={fresh ? signUp : signIn}
        onUser={go}
      />
      <p class="si-other">
        <span class="muted">{fresh ? t("have_account") : t("no_account")}</span>{" "}
        <button type="button" class="si-link" onClick={() => setFresh(!fresh)} data-testid="sign-in-other">
          {fresh ? t("sign_in") : t("sign_up")}
        </button>
        <span class="si-dot" aria-hidden="true">
          ·
        </span>
        <a class="si-link" href="/">
          {t("look_around")}
        </a>
      </p>
      <p class="si-note muted small">{t("staff_note")}</p>
    </Frame>
  );
}

mount(SignIn, () => t("title"));
