/** A picture of the camera, made small here: drawn anew, so nothing of what the camera wrote into the file goes along. */

const LONGEST = 1600;
const MOST_BYTES = 1_500_000;
const QUALITIES = [0.84, 0.72, 0.6, 0.45] as const;

/** Throws when the file is no picture that this browser can read. */
export async function photoOf(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    const pen = canvas.getContext("2d");
    if (!pen) throw new Error("no canvas");
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    for (const quality of QUALITIES) {
      const made = await encoded(canvas, quality);
      if (made.size <= MOST_BYTES || quality === QUALITIES.at(-1)) return made;
    }
    throw new Error("unreachable");
  } finally {
    picture.close();
  }
}

function encoded(canvas: HTMLCanvasElement, quality: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((made) => (made ? resolve(made) : reject(new Error("not encoded"))), "image/jpeg", quality);
  });
}
