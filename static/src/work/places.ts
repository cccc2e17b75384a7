/** Which page is whose, and where to go after signing in. */

import type { Role } from "../core/types";

export const HOMES: Record<Role, string> = {
  guest: "/",
  member: "/",
  associate: "/studio",
  staff: "/counter",
  courier: "/courier",
  operator: "/console",
  admin: "/console",
};

/** The page that was asked for when it is one of ours and for this role, else the role's own. */
export function landing(role: Role, wanted: string | null): string {
  if (wanted === null || !/^\/(?![/\\])/.test(wanted)) return HOMES[role];
  const owner = Object.values(HOMES).find((home) => home !== "/" && wanted.split(/[?#]/)[0] === home);
  return owner && owner !== HOMES[role] ? HOMES[role] : wanted;
}

export function signInPath(): string {
  return `/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`;
}
