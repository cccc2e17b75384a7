/** A stream of server-sent events read with fetch(), since EventSource cannot carry a Bearer token. */

/** Calls back with each event until the stream ends or is aborted. Throws what fetch() throws, or Error at a refusal. */
export async function readEvents(url: string, token: string, signal: AbortSignal, onEvent: (name: string, data: string) => void): Promise<void> {
  const headers = { Authorization: `Bearer ${token}`, Accept: "text/event-stream" };
  const response = await fetch(url, { headers, signal, cache: "no-store" });
  if (!response.ok || !response.body) throw new Error(`events: ${response.status}`);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true }).replaceAll("\r", "");
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) emit(block, onEvent);
  }
}

function emit(block: string, onEvent: (name: string, data: string) => void): void {
  let name = "message";
  const data: string[] = [];
  for (const line of block.split("\n")) {
    if (line.startsWith("event:")) name = line.slice(6).trim();
    else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
  }
  if (data.length > 0) onEvent(name, data.join("\n"));
}
