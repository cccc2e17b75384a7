/** A link that an associate shared says so: what is bought later is to that associate's credit. `?via=usr_…` is for everybody,
 * `?to=lnk_…` for one customer. */

import { post } from "../../core/api";
import { startSession } from "../../core/session";

export async function followLink(show: string): Promise<void> {
  const address = new URL(location.href);
  const via = address.searchParams.get("via");
  const to = address.searchParams.get("to");
  if (!via && !to) return;
  address.searchParams.delete("via");
  address.searchParams.delete("to");
  history.replaceState(history.state, "", address);
  try {
    await startSession({ guests: true });
    await post("/api/touches", to ? { link: to } : { associate_id: via, show_id: show });
  } catch {
    // The viewer has come for the show: whose link it was is no reason to disturb them.
  }
}
