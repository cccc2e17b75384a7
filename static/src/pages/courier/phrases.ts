/** Which of the ready-made messages fit where the courier is. */

import type { CourierPhrase } from "../../tracking/phrases";
import { hasGoods, type ShownJob } from "./deeds";

const BEFORE: readonly CourierPhrase[] = ["waiting_at_store", "a_little_late"];
const ON_THE_WAY: readonly CourierPhrase[] = ["on_my_way", "almost_there", "cannot_find", "a_little_late"];
const AT_THE_DOOR: readonly CourierPhrase[] = ["at_the_door", "nobody_there", "cannot_find", "thanks"];

export function phrasesFor(job: ShownJob): readonly CourierPhrase[] {
  if (job.status === "arriving") return AT_THE_DOOR;
  return hasGoods(job) ? ON_THE_WAY : BEFORE;
}
