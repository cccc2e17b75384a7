/** A short chime made on the spot. Browsers allow sound only after a touch, so `armChime` is called from one. */

import { signal } from "@preact/signals";

const KEY = "nearlive.sound";

export const soundOn = signal(localStorage.getItem(KEY) !== "no");

let audio: AudioContext | null = null;

export function setSound(on: boolean): void {
  soundOn.value = on;
  localStorage.setItem(KEY, on ? "yes" : "no");
  if (on) {
    armChime();
    chime();
  }
}

export function armChime(): void {
  audio ??= new AudioContext();
  if (audio.state === "suspended") void audio.resume();
}

export function chime(): void {
  // Browsers complain about what shakes before anybody has touched.
  if (navigator.userActivation?.hasBeenActive ?? true) navigator.vibrate?.([120, 60, 120]);
  if (!soundOn.value || !audio || audio.state !== "running") return;
  const start = audio.currentTime;
  for (const [at, pitch] of [[0, 880], [0.16, 1174.7], [0.32, 1568]] as const) {
    const tone = audio.createOscillator();
    const level = audio.createGain();
    tone.frequency.value = pitch;
    level.gain.setValueAtTime(0.0001, start + at);
    level.gain.exponentialRampToValueAtTime(0.25, start + at + 0.02);
    level.gain.exponentialRampToValueAtTime(0.0001, start + at + 0.5);
    tone.connect(level).connect(audio.destination);
    tone.start(start + at);
    tone.stop(start + at + 0.55);
  }
}

// The first touch anywhere is enough.
addEventListener("pointerdown", armChime, { once: true });
addEventListener("keydown", armChime, { once: true });
