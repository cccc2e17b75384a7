/** Quality, mirror, camera and microphone. */

import { Select } from "../../design/fields";
import { Choice, Switch } from "../../design/toggles";
import type { Broadcast } from "./broadcast";
import { t } from "./text";

function choices(devices: readonly MediaDeviceInfo[]): { value: string; label: string }[] {
  return devices.map((device, at) => ({ value: device.deviceId, label: device.label || t("device", { n: at + 1 }) }));
}

export function PictureSettings({ broadcast }: { broadcast: Broadcast }) {
  const { capture, picture, mirror } = broadcast;
  const { cameras, microphones } = capture.devices.value;
  const current = (kind: "video" | "audio") =>
    capture.stream.value?.getTracks().find((track) => track.kind === kind)?.getSettings().deviceId ?? "";
  return (
    <div class="stack">
      <div class="w-setting">
        <span class="w-setting__label">{t("quality")}</span>
        <Choice
          label={t("quality")}
          look="chips"
          value={picture.value}
          options={[
            { value: "clear", label: t("q_clear") },
            { value: "standard", label: t("q_standard") },
            { value: "save", label: t("q_save") },
          ]}
          onChange={(choice) => broadcast.choosePicture(choice)}
        />
      </div>
      <Switch
        label={t("mirror")}
        hint={t("mirror_hint")}
        checked={mirror.value}
        onChange={(on) => broadcast.setMirror(on)}
        data-testid="mirror-switch"
      />
      {cameras.length > 1 && (
        <Select
          label={t("camera")}
          value={capture.cameraId.value ?? current("video")}
          options={choices(cameras)}
          onValue={(id) => void capture.useCamera(id)}
        />
      )}
      {microphones.length > 1 && (
        <Select
          label={t("microphone")}
          value={capture.microphoneId.value ?? current("audio")}
          options={choices(microphones)}
          onValue={(id) => void capture.useMicrophone(id)}
        />
      )}
    </div>
  );
}
