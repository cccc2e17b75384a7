/** An admin's packet capture of a show: begin, watch it run, fetch the file. */

import { useEffect, useState } from "preact/hooks";
import { ApiProblem, del, get, post } from "../../core/api";
import { duration, number } from "../../core/i18n";
import { problemText } from "../../core/problems";
import { accessToken } from "../../core/session";
import type { PacketCapture } from "../../core/types_console";
import { Button } from "../../design/button";
import { toast } from "../../design/toast";
import { Choice } from "../../design/toggles";
import { m } from "./media_text";
import { ReasonDialog } from "./reason_dialog";

const LENGTHS = ["10", "30", "60", "120"] as const;
type Length = (typeof LENGTHS)[number];
type Kind = "all" | "video" | "audio";

export function CaptureCard({ show, possible }: { show: string; possible: boolean }) {
  const path = `/api/console/shows/${encodeURIComponent(show)}/capture`;
  const [capture, setCapture] = useState<PacketCapture | null>(null);
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [length, setLength] = useState<Length>("30");
  const [kind, setKind] = useState<Kind>("all");
  const going = capture?.state === "running" || capture?.state === "ending";
  const look = () =>
    get<{ capture: PacketCapture | null }>(path).then(
      (found) => setCapture(found.capture),
      () => undefined, // asked again in a second while it runs
    );
  useEffect(() => {
    void look();
  }, [path]);
  useEffect(() => {
    if (!going) return;
    const timer = setInterval(() => void look(), 1000);
    return () => clearInterval(timer);
  }, [going, path]);

  const begin = async (reason: string) => {
    const wanted = { reason, seconds: Number(length), ...(kind === "all" ? {} : { kind }) };
    setCapture(await post<PacketCapture>(path, wanted));
    setAsking(false);
  };
  const act = async (what: () => Promise<void>) => {
    setBusy(true);
    try {
      await what();
    } catch (error) {
      toast(problemText(error), "bad");
    } finally {
      setBusy(false);
    }
  };
  const fetchFile = async () => {
    await save(`${path}/pcap`, `${show}.pcap`);
    setCapture(null);
  };
  const remove = async () => {
    await del(path);
    setCapture(null);
    toast(m("removed"));
  };

  return (
    <>
      <h3>{m("capture")}</h3>
      <div class="cs-capture" data-testid="capture" data-state={capture?.state ?? "none"}>
        {!capture ? (
          <>
            <p class="muted small">{m("capture_text")}</p>
            <Button icon="box" size="s" disabled={!possible} onClick={() => setAsking(true)} data-testid="capture-start">
              {m("capture_start")}
            </Button>
          </>
        ) : (
          <>
            <p class="num" role="status">
              <strong>{stateText(capture)}</strong>
              <span class="muted small">
                {m("packets", { n: capture.packets })} · {size(capture.octets)}
                {capture.missed > 0 && ` · ${m("missed", { n: capture.missed })}`}
              </span>
            </p>
            {going && <progress max={capture.seconds_most} value={capture.seconds} aria-label={m("capture")} />}
            <div class="cs-capture__actions">
              {capture.state === "running" && (
                <Button icon="stop" size="s" busy={busy} onClick={() => void act(async () => setCapture(await post(`${path}/stop`)))} data-testid="capture-stop">
                  {m("stop")}
                </Button>
              )}
              {capture.state === "ready" && (
                <Button icon="arrow-down" size="s" variant="primary" busy={busy} onClick={() => void act(fetchFile)} data-testid="capture-fetch">
                  {m("fetch")}
                </Button>
              )}
              {!going && (
                <Button icon="trash" size="s" disabled={busy} onClick={() => void act(remove)} data-testid="capture-remove">
                  {m("remove")}
                </Button>
              )}
            </div>
          </>
        )}
      </div>
      <ReasonDialog
        open={asking}
        title={m("capture_q")}
        text={m("capture_text")}
        label={m("capture_reason")}
        hint={m("capture_hint")}
        confirmLabel={m("capture_start")}
        testid="capture-reason"
        onConfirm={begin}
        onClose={() => setAsking(false)}
      >
        <Choice
          label={m("how_long")}
          value={length}
          options={LENGTHS.map((value) => ({ value, label: m("seconds", { n: Number(value) }) }))}
          onChange={setLength}
        />
        <Choice
          label={m("what")}
          value={kind}
          options={[
            { value: "all", label: m("all") },
            { value: "video", label: m("video") },
            { value: "audio", label: m("audio") },
          ]}
          onChange={setKind}
        />
      </ReasonDialog>
    </>
  );
}

function stateText(capture: PacketCapture): string {
  if (capture.state !== "running") return m(capture.state);
  return m("running", { time: `${duration(capture.seconds)} / ${duration(capture.seconds_most)}` });
}

function size(octets: number): string {
  return octets < 1 << 20 ? `${number(Math.round(octets / 1024))} KiB` : `${number(octets / (1 << 20))} MiB`;
}

/** To the person's downloads: a link could not carry the token. */
async function save(path: string, name: string): Promise<void> {
  const response = await fetch(path, { headers: { Authorization: `Bearer ${await accessToken()}` } });
  if (!response.ok) {
    const { code } = (await response.json().catch(() => ({ code: "internal" }))) as { code: string };
    throw new ApiProblem(code, response.status);
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
