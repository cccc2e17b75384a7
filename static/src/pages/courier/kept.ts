/** What this phone knew last: a page that opens without a network shows it until the server is back. */

import { SIGNED_OUT, lastUser, signedHere } from "../../core/session";
import type { CourierState, User } from "../../core/types";

const STATE = "nearlive.courier";
const TAKEN = "nearlive.courier.taken";

interface Kept {
  user: User;
  state: CourierState;
}

function kept(): Kept | null {
  const text = localStorage.getItem(STATE);
  return text === null || !signedHere() ? null : (JSON.parse(text) as Kept);
}

/** Who may work on while the server cannot be asked. */
export function knownCourier(): User | null {
  return lastUser() ?? kept()?.user ?? null;
}

export function keptState(me: User): CourierState | null {
  const found = kept();
  return found?.user.id === me.id ? found.state : null;
}

export function keepState(user: User, state: CourierState): void {
  localStorage.setItem(STATE, JSON.stringify({ user, state } satisfies Kept));
}

/** Jobs of which the courier said to have the bag, before the server knew of it. */
export function keptTaken(): ReadonlySet<string> {
  return new Set(JSON.parse(localStorage.getItem(TAKEN) ?? "[]") as string[]);
}

export function keepTaken(taken: ReadonlySet<string>): void {
  localStorage.setItem(TAKEN, JSON.stringify([...taken]));
}

// Names and doors of buyers do not stay on a phone whose courier has gone.
addEventListener(SIGNED_OUT, () => {
  localStorage.removeItem(STATE);
  localStorage.removeItem(TAKEN);
});
