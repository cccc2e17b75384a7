/** Why there is no picture, and what to do. */

import { Button } from "../../design/button";
import { Icon } from "../../design/icons";
import { Banner } from "../../design/notices";
import { Spinner } from "../../design/progress";
import type { Capture } from "./capture";
import { t } from "./text";

export function CameraProblem({ capture }: { capture: Capture }) {
  const problem = capture.problem.value;
  if (problem !== null) {
    return (
      <div class="st-camera" role="alert" data-testid="camera-problem" data-problem={problem}>
        <Icon name="camera-off" size={40} />
        <h2>{t(`cam_${problem}`)}</h2>
        <p>{t(`cam_${problem}_text`)}</p>
        {problem !== "insecure" && (
          <Button variant="inverse" icon="refresh" busy={capture.opening.value} onClick={() => void capture.open()}>
            {t("retry")}
          </Button>
        )}
      </div>
    );
  }
  if (capture.stream.value === null) {
    return (
      <div class="st-camera" role="status">
        <Spinner size={32} />
        <p>{t("opening_camera")}</p>
      </div>
    );
  }
  if (!capture.interrupted.value) return null;
  return (
    <div class="st-interrupted">
      <Banner tone="warn" alert>
        {t("interrupted")}
      </Banner>
    </div>
  );
}
