/** What of the picture is sent, and how: layers, codecs, and whether anything comes back. */

/** A picture at its best; smaller layers of it are sent beside (simulcast). */
export interface Picture {
  /** Bits a second at most, of the largest layer. */
  bitrate: number;
  /** Divides width and height of the camera's picture, in the largest layer. */
  scale: number;
}

/** The layers, lowest first as simulcast is offered (RFC 8853). */
const RIDS = ["q", "h", "f"] as const;
/** Of the best layer's bits: its own share, that of half its size, of a quarter. */
const SHARES = [1, 1 / 3, 0.1] as const;
const LEAST = 100_000;
const RATE = 30;
/** Pixels from which libwebrtc sends three layers, and two; of smaller pictures it leaves out the largest ones. */
const THREE = 960 * 540;
const TWO = 640 * 360;

/**
 * A phone's 720 × 1280 goes out whole in 1.5 Mbit/s, as 360 × 640 in 500 kbit/s and as 180 × 320 in 150 kbit/s. A smaller picture
 * has fewer layers, the best of which is always the whole.
 */
export function encodingsOf({ bitrate, scale }: Picture, pixels: number): RTCRtpEncodingParameters[] {
  const left = pixels / scale ** 2;
  const count = left >= THREE ? 3 : left >= TWO ? 2 : 1;
  return RIDS.map((rid, at) => {
    const halvings = Math.max(0, count - 1 - at);
    return {
      rid,
      scaleResolutionDownBy: scale * 2 ** halvings,
      maxBitrate: Math.max(LEAST, Math.round(bitrate * (SHARES[halvings] ?? 1))),
      maxFramerate: RATE,
      active: at < count,
    };
  });
}

/** How many pixels a camera gives; those of a phone's when it does not say. */
export function pixelsOf(track: MediaStreamTrack | null | undefined): number {
  const { width = 720, height = 1280 } = track?.getSettings() ?? {};
  return width * height;
}

/** The picture's layers onto what was agreed: all of them, or one alone where the server took no simulcast. */
export async function applyPicture(sender: RTCRtpSender, picture: Picture): Promise<void> {
  const parameters = sender.getParameters();
  if (parameters.encodings.length === 0) return;
  const layers = encodingsOf(picture, pixelsOf(sender.track));
  const best = layers.findLast(({ active }) => active);
  const alone = parameters.encodings.length < layers.length;
  for (const encoding of parameters.encodings) {
    const layer = alone ? best : layers.find(({ rid }) => rid === encoding.rid);
    if (layer) Object.assign(encoding, { ...layer, rid: encoding.rid });
  }
  await sender.setParameters(parameters);
}

/**
 * H264 constrained baseline 3.1 in packetization mode 1 first (Safari takes it, every phone decodes it in hardware), then VP8;
 * repair (rtx) and the rest of what the browser has for them stay in the offer.
 */
export function preferCodecs(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpSender.getCapabilities("video")?.codecs;
  if (!codecs || !("setCodecPreferences" in transceiver)) return;
  const rank = ({ mimeType, sdpFmtpLine = "" }: (typeof codecs)[number]): number => {
    const type = mimeType.toLowerCase();
    if (type === "video/h264" && /packetization-mode=1/.test(sdpFmtpLine)) {
      if (/profile-level-id=42e01f/i.test(sdpFmtpLine)) return 0;
      if (/profile-level-id=42/i.test(sdpFmtpLine)) return 1;
    }
    if (type === "video/vp8") return 2;
    return type === "video/rtx" ? 3 : 9;
  };
  const wanted = codecs.filter((codec) => rank(codec) < 9).sort((a, b) => rank(a) - rank(b));
  if (wanted.some((codec) => rank(codec) < 3)) transceiver.setCodecPreferences(wanted);
}

/** Packets that came back so far, or reports where the browser does not count those: what grows while the path lives. */
export async function packetsFrom(peer: RTCPeerConnection): Promise<number> {
  let packets = 0;
  for (const entry of (await peer.getStats()).values() as Iterable<Record<string, unknown>>) {
    if (entry["type"] === "transport") packets += Number(entry["packetsReceived"] ?? 0);
    // Safari has no count on the transport: the reports themselves are then what moves.
    if (entry["type"] === "remote-inbound-rtp") packets += Number(entry["roundTripTimeMeasurements"] ?? 0);
  }
  return packets;
}
