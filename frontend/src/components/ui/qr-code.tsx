import { qrDrawing } from "@/lib/qr-path";
import { useMemo } from "react";

interface QrCodeProps {
  text: string;
  /** What it is, for whoever does not see it. */
  label: string;
}

/** A QR code: black on white in the dark theme too, because many readers know no other. */
export function QrCode({ text, label }: QrCodeProps) {
  const { size, path } = useMemo(() => qrDrawing(text), [text]);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="aspect-square w-full max-w-60 rounded-field border border-line forced-color-adjust-none"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
