/** A QR code as a drawing. */
import { encodeQR } from "qr";

/** Light modules around the code, so that a reader finds it on any ground (ISO/IEC 18004: 4). */
const QUIET = 4;

export interface QrDrawing {
  /** Modules in a row, the quiet ones included: the side of the drawing's square. */
  size: number;
  /** The dark modules, as the `d` of an SVG path in units of modules. */
  path: string;
}

export function qrDrawing(text: string): QrDrawing {
  const rows = encodeQR(text, "raw", { border: QUIET, ecc: "medium" });
  return { size: rows.length, path: rows.map(rowPath).join("") };
}

/** One rectangle for each run of dark modules. */
function rowPath(row: readonly boolean[], y: number): string {
  let path = "";
  for (let x = 0; x < row.length; x++) {
    if (!row[x]) continue;
    const start = x;
    while (row[x + 1]) x++;
    path += `M${start} ${y}h${x - start + 1}v1H${start}z`;
  }
  return path;
}
