/** The messages about the jobs in hand: asked for when somebody looks, and kept up by the `me` topic. */

import { signal } from "@preact/signals";
import { get } from "../../core/api";
import type { Conversation, Message } from "../../core/types";

interface Talk {
  said: readonly Message[];
  /** Could not be asked for. */
  lost: boolean;
  unread: number;
}

const NOTHING: Talk = { said: [], lost: false, unread: 0 };

export class Talks {
  private readonly talks = signal<ReadonlyMap<string, Talk>>(new Map());

  of(jobId: string): Talk {
    return this.talks.value.get(jobId) ?? NOTHING;
  }

  async load(jobId: string): Promise<void> {
    try {
      const { items } = await get<Conversation>(`/api/courier/jobs/${jobId}/messages`);
      this.put(jobId, { said: items, lost: false, unread: 0 });
    } catch {
      this.put(jobId, { ...this.of(jobId), lost: true });
    }
  }

  heard(jobId: string, one: Message): void {
    const talk = this.of(jobId);
    if (talk.said.some((known) => known.id === one.id)) return;
    this.put(jobId, { ...talk, said: [...talk.said, one], unread: talk.unread + (one.author === "buyer" ? 1 : 0) });
  }

  /** They are on the screen. */
  seen(jobId: string): void {
    if (this.of(jobId).unread > 0) this.put(jobId, { ...this.of(jobId), unread: 0 });
  }

  private put(jobId: string, talk: Talk): void {
    this.talks.value = new Map([...this.talks.value, [jobId, talk]]);
  }
}
