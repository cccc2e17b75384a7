/** The chat as this viewer sees it: what the server says, and the own messages on their way there. */

import { signal } from "@preact/signals";

import { problemCode, problemText } from "../../core/problems";
import { user } from "../../core/session";
import { socket } from "../../core/socket";
import type { ChatMessage } from "../../core/types";

export interface Entry extends ChatMessage {
  state: "shown" | "pending" | "held" | "failed";
  /** Why it failed, in words. */
  fault?: string;
  /** Whether sending it again can help. */
  again?: boolean;
}

const KEPT = 200;

export class ChatLog {
  readonly entries = signal<readonly Entry[]>([]);
  private next = 1;

  constructor(private readonly showId: string) {}

  reset(messages: readonly ChatMessage[]): void {
    const own = this.entries.value.filter((entry) => entry.state !== "shown");
    this.put([...messages.map((message): Entry => ({ ...message, state: "shown" })), ...own]);
  }

  add(message: ChatMessage): void {
    const { value } = this.entries;
    if (value.some(({ id, state }) => id === message.id && state === "shown")) return;
    // The event can be here before the answer to our own sending is.
    const mine = message.author.id === user.value?.id;
    const at = value.findIndex((entry) => entry.id === message.id || (mine && entry.state === "pending" && entry.text === message.text));
    this.put([...value.filter((_, index) => index !== at), { ...message, state: "shown" }]);
  }

  remove(id: string): void {
    this.entries.value = this.entries.value.filter((entry) => entry.id !== id);
  }

  async send(text: string): Promise<void> {
    const { value: me } = user;
    const id = `local-${this.next++}`;
    const author = { id: me?.id ?? "", name: me?.name ?? "", role: me?.role ?? "guest" } as const;
    this.put([...this.entries.value, { id, author, text, at: new Date().toISOString(), state: "pending" }]);
    try {
      const answer = await socket.request({ type: "chat", show: this.showId, text });
      const known = this.entries.value.some((entry) => entry.id === answer["message_id"] && entry.state === "shown");
      if (known) this.remove(id);
      else this.change(id, { id: String(answer["message_id"]), state: answer["state"] === "held" ? "held" : "shown" });
    } catch (error) {
      const code = problemCode(error);
      const again = code === "offline" || code === "timeout" || code === "too_fast" || code === "rate_limited";
      this.change(id, { state: "failed", fault: problemText(error), again });
    }
  }

  async sendAgain(entry: Entry): Promise<void> {
    this.remove(entry.id);
    await this.send(entry.text);
  }

  private change(id: string, change: Partial<Entry>): void {
    this.entries.value = this.entries.value.map((entry) => (entry.id === id ? { ...entry, ...change } : entry));
  }

  private put(entries: readonly Entry[]): void {
    this.entries.value = entries.slice(-KEPT);
  }
}
