/** Camera and microphone: opening them in portrait, flipping, muting, and coming back when a phone call took them. */

import { signal } from "@preact/signals";

export type CaptureProblem = "denied" | "missing" | "busy" | "insecure" | "failed";
export type Facing = "user" | "environment";

export interface Devices {
  cameras: MediaDeviceInfo[];
  microphones: MediaDeviceInfo[];
}

const LONG = 1280;
const SHORT = 720;
const RATE = 30;

function problemOf(error: unknown): CaptureProblem {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "failed";
}

const held = () => matchMedia("(pointer: coarse) and (orientation: portrait)").matches;

function videoConstraints(facing: Facing, deviceId: string | null): MediaTrackConstraints {
  const which: MediaTrackConstraints = deviceId ? { deviceId: { exact: deviceId } } : { facingMode: { ideal: facing } };
  // A phone held upright turns what it is asked for: 1280 × 720 arrives as 720 × 1280. Others crop when asked upright.
  const size = held()
    ? { width: { ideal: LONG }, height: { ideal: SHORT } }
    : { width: { ideal: SHORT }, height: { ideal: LONG }, aspectRatio: { ideal: SHORT / LONG } };
  return { ...which, ...size, frameRate: { ideal: RATE, max: RATE } };
}

function audioConstraints(deviceId: string | null): MediaTrackConstraints {
  const which = deviceId ? { deviceId: { exact: deviceId } } : {};
  return { ...which, echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
}

export class Capture {
  readonly stream = signal<MediaStream | null>(null);
  readonly problem = signal<CaptureProblem | null>(null);
  readonly opening = signal(false);
  readonly facing = signal<Facing>("user");
  readonly micOn = signal(true);
  /** The system took the camera (a call, another app); it comes back by itself or when the page is seen again. */
  readonly interrupted = signal(false);
  readonly devices = signal<Devices>({ cameras: [], microphones: [] });
  readonly cameraId = signal<string | null>(null);
  readonly microphoneId = signal<string | null>(null);

  /** A track was replaced: the publisher sends this one from now on. */
  onTrack: (track: MediaStreamTrack) => void = () => undefined;

  private sending = true;
  private readonly seen = () => {
    if (document.visibilityState === "visible" && this.stream.value) void this.recover();
  };

  constructor() {
    document.addEventListener("visibilitychange", this.seen);
  }

  async open(): Promise<void> {
    if (this.opening.value) return;
    if (!isSecureContext || !navigator.mediaDevices) {
      this.problem.value = "insecure";
      return;
    }
    this.opening.value = true;
    this.problem.value = null;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        video: videoConstraints(this.facing.value, this.cameraId.value),
        audio: audioConstraints(this.microphoneId.value),
      });
      this.take(stream);
      await this.listDevices();
    } catch (error) {
      this.problem.value = problemOf(error);
    } finally {
      this.opening.value = false;
    }
  }

  /** The other camera of a phone; phones cannot hold both, so the first is released before. */
  async flip(): Promise<void> {
    this.facing.value = this.facing.value === "user" ? "environment" : "user";
    this.cameraId.value = null;
    await this.replace("video");
  }

  async useCamera(deviceId: string): Promise<void> {
    this.cameraId.value = deviceId;
    await this.replace("video");
  }

  async useMicrophone(deviceId: string): Promise<void> {
    this.microphoneId.value = deviceId;
    await this.replace("audio");
  }

  setMic(on: boolean): void {
    this.micOn.value = on;
    this.enable();
  }

  /** While a show is paused nothing of the picture or the sound leaves the phone. */
  setSending(on: boolean): void {
    this.sending = on;
    this.enable();
  }

  close(): void {
    document.removeEventListener("visibilitychange", this.seen);
    for (const track of this.stream.value?.getTracks() ?? []) track.stop();
    this.stream.value = null;
  }

  private async recover(): Promise<void> {
    for (const kind of ["video", "audio"] as const) {
      const track = this.tracks(kind)[0];
      if (!track || track.readyState === "ended") await this.replace(kind);
    }
    this.interrupted.value = this.tracks("video").some((track) => track.muted);
  }

  private async replace(kind: "video" | "audio"): Promise<void> {
    const stream = this.stream.value;
    if (!stream) return this.open();
    for (const old of this.tracks(kind)) {
      old.stop();
      stream.removeTrack(old);
    }
    try {
      const fresh = await navigator.mediaDevices.getUserMedia(
        kind === "video"
          ? { video: videoConstraints(this.facing.value, this.cameraId.value) }
          : { audio: audioConstraints(this.microphoneId.value) },
      );
      this.take(new MediaStream([...stream.getTracks(), ...fresh.getTracks()]));
      for (const track of fresh.getTracks()) this.onTrack(track);
      this.problem.value = null;
    } catch (error) {
      this.problem.value = problemOf(error);
    }
  }

  private take(stream: MediaStream): void {
    this.stream.value = stream;
    this.interrupted.value = false;
    this.enable();
    for (const track of stream.getTracks()) {
      track.onended = () => (this.interrupted.value = true);
      track.onmute = () => (this.interrupted.value = true);
      track.onunmute = () => (this.interrupted.value = false);
    }
    const video = stream.getVideoTracks()[0];
    if (!video) return;
    video.contentHint = "motion";
    const { width = 0, height = 0 } = video.getSettings();
    if (width > height && held()) {
      const upright = { width: { ideal: SHORT }, height: { ideal: LONG }, aspectRatio: { ideal: SHORT / LONG } };
      void video.applyConstraints({ ...upright, frameRate: { ideal: RATE } }).catch(() => undefined);
    }
  }

  private enable(): void {
    for (const track of this.tracks("video")) track.enabled = this.sending;
    for (const track of this.tracks("audio")) track.enabled = this.sending && this.micOn.value;
  }

  private tracks(kind: "video" | "audio"): MediaStreamTrack[] {
    return this.stream.value?.getTracks().filter((track) => track.kind === kind) ?? [];
  }

  private async listDevices(): Promise<void> {
    const all = await navigator.mediaDevices.enumerateDevices();
    this.devices.value = {
      cameras: all.filter((device) => device.kind === "videoinput"),
      microphones: all.filter((device) => device.kind === "audioinput"),
    };
  }
}
