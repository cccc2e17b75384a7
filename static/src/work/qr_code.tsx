/** A QR code as one SVG path; the encoder is loaded when the first code is shown. */

import { useEffect, useState } from "preact/hooks";

interface Drawing {
  size: number;
  path: string;
}

async function draw(text: string): Promise<Drawing> {
  const { default: qrcode } = await import("qrcode-generator");
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  const cells: string[] = [];
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      if (code.isDark(row, column)) cells.push(`M${column} ${row}h1v1h-1z`);
    }
  }
  return { size, path: cells.join("") };
}

export function QrCode({ text, label }: { text: string; label: string }) {
  const [drawing, setDrawing] = useState<Drawing | null>(null);
  useEffect(() => {
    let over = false;
    void draw(text).then((made) => !over && setDrawing(made));
    return () => {
      over = true;
    };
  }, [text]);
  // Dark on white in either theme: many readers do not see an inverted code. Four cells of quiet zone belong to it.
  const size = drawing?.size ?? 33;
  return (
    <svg class="w-qr" viewBox={`-4 -4 ${size + 8} ${size + 8}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect x="-4" y="-4" width={size + 8} height={size + 8} fill="#fff" />
      {drawing && <path d={drawing.path} fill="#000" />}
    </svg>
  );
}
