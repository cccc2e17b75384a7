/**
 * A WHIP or WHEP resource as its client sees it (RFC 9725, draft-ietf-wish-whep): made by an offer, renewed by an ICE
 * restart, ended by DELETE, with the extensions that its Link headers announce.
 */

import { ApiProblem } from "../core/api";

const SDP = "application/sdp";
const FRAGMENT = "application/trickle-ice-sdpfrag";
const ANSWER_WITHIN = 10_000;

const CODES: Readonly<Record<number, string>> = { 403: "forbidden", 404: "not_found", 409: "not_live" };

export class MediaResource {
  private constructor(
    readonly url: string,
    readonly token: string,
    readonly links: ReadonlyMap<string, string>,
    /** The server's description as it now holds. */
    private answer: string,
  ) {}

  /**
   * Offers what `peer` has as its local description and sets the answer. A 406 brings the server's own offer (a counter-offer),
   * which `peer` answers by PATCH. Throws ApiProblem, and what setRemoteDescription throws.
   */
  static async open(peer: RTCPeerConnection, url: string, token: string): Promise<MediaResource> {
    const response = await request("POST", url, token, peer.localDescription?.sdp ?? "", { "Content-Type": SDP });
    const countered = response.status === 406 && response.headers.get("Content-Type")?.startsWith(SDP) === true;
    if (response.status !== 201 && !countered) throw await refusalOf(response);
    const at = response.url || url;
    const place = new URL(response.headers.get("Location") ?? "", at).href;
    const sdp = await response.text();
    const resource = new MediaResource(place, token, linksOf(response, at), sdp);
    try {
      if (countered) await resource.accept(peer, sdp);
      else await peer.setRemoteDescription({ type: "answer", sdp });
    } catch (error) {
      resource.end();
      throw error;
    }
    return resource;
  }

  /** A link of the resource by the end of its relation: `layer`, `server-sent-events`. */
  link(name: string): string | null {
    for (const [relation, url] of this.links) if (relation.endsWith(`:${name}`) || relation === name) return url;
    return null;
  }

  /** New ICE credentials on the same session: what a change of network needs. Throws ApiProblem when it is refused. */
  async restart(peer: RTCPeerConnection): Promise<void> {
    peer.restartIce();
    await peer.setLocalDescription(await peer.createOffer({ iceRestart: true }));
    const own = peer.localDescription?.sdp ?? "";
    const fragment = ["ice-ufrag", "ice-pwd"].map((name) => `a=${name}:${valueOf(own, name)}\r\n`).join("");
    const headers = { "Content-Type": FRAGMENT, "If-Match": "*" };
    const response = await request("PATCH", this.url, this.token, fragment, headers);
    if (response.status !== 200) throw await refusalOf(response);
    const theirs = await response.text();
    for (const name of ["ice-ufrag", "ice-pwd"]) {
      this.answer = this.answer.replace(new RegExp(`a=${name}:.*\r\n`, "g"), `a=${name}:${valueOf(theirs, name)}\r\n`);
    }
    await peer.setRemoteDescription({ type: "answer", sdp: this.answer });
  }

  /** Whether the server still has the session; null when it cannot be asked now. */
  async alive(): Promise<boolean | null> {
    try {
      const { status } = await request("GET", this.url, this.token, null, {});
      return status < 400 ? true : status === 404 || status === 503 ? false : null;
    } catch {
      return null;
    }
  }

  /** JSON to one of the extensions. Throws ApiProblem. */
  async tell(url: string, body: unknown): Promise<Response> {
    const response = await request("POST", url, this.token, JSON.stringify(body), { "Content-Type": "application/json" });
    if (!response.ok) throw await refusalOf(response);
    return response;
  }

  /** Ends the session; also while the page goes away. Its failure means that the server ends it by itself. */
  end(): Promise<unknown> {
    const headers = { Authorization: `Bearer ${this.token}` };
    const signal = limit(2_000);
    return fetch(this.url, { method: "DELETE", headers, keepalive: true, signal }).catch(() => undefined);
  }

  private async accept(peer: RTCPeerConnection, offer: string): Promise<void> {
    await peer.setLocalDescription({ type: "rollback" });
    await peer.setRemoteDescription({ type: "offer", sdp: offer });
    await peer.setLocalDescription();
    const answer = peer.localDescription?.sdp ?? "";
    // The server has already looked for a codec in common; a line that is refused means that there is none.
    if (/^m=video 0 /m.test(answer)) throw new ApiProblem("no_common_codec", 406);
    const response = await request("PATCH", this.url, this.token, answer, { "Content-Type": SDP });
    if (!response.ok) throw await refusalOf(response);
  }
}

/** As AbortSignal.timeout, which Safari has from version 16 on. */
export function limit(milliseconds: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), milliseconds);
  return controller.signal;
}

async function request(method: string, url: string, token: string, body: string | null, headers: Record<string, string>): Promise<Response> {
  try {
    return await fetch(url, { method, body, headers: { ...headers, Authorization: `Bearer ${token}` }, signal: limit(ANSWER_WITHIN) });
  } catch {
    throw new ApiProblem("offline", 0);
  }
}

async function refusalOf(response: Response): Promise<ApiProblem> {
  const { status } = response;
  const body = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
  const wait = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return new ApiProblem(body.code ?? CODES[status] ?? "unavailable", status, body.detail, null, {}, Number.isNaN(wait) ? null : wait);
}

function linksOf(response: Response, base: string): Map<string, string> {
  const links = new Map<string, string>();
  // fetch() joins several headers of a name by commas; a URL of ours has none.
  for (const [, url = "", relation = ""] of (response.headers.get("Link") ?? "").matchAll(/<([^>]*)>\s*;\s*rel="?([^";,]+)"?/g)) {
    if (!relation.startsWith("ice-server")) links.set(relation, new URL(url, base).href);
  }
  return links;
}

function valueOf(sdp: string, name: string): string {
  return new RegExp(`a=${name}:(.*)`).exec(sdp)?.[1]?.trim() ?? "";
}
