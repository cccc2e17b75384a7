/** A link that an associate shared says so (`?via=usr_…`): what is bought later is to that associate's credit. */

import { post } from "../../core/api";
import { startSession } from "../../core/session";

export async function followLink(show: string): Promise<void> {
  const address = new URL(location.href);
  const via = address.searchParams.get("via");
  if (!via) return;
  address.searchParams.delete("via");
  history.replaceState(history.state, "", address);
  try {
    await startSession({ guests: true });
    await post("/api/touches", { associate_id: via, show_id: show });
  } catch {
    // The viewer has come for the show: whose link it was is no reason to disturb them.
  }
}
