import type { PictureKind } from "@/core/engine.gen";

const endings: Record<PictureKind, string> = {
  jpeg: "jpg",
  png: "png",
  gif: "gif",
  webp: "webp",
};

/** What a downloaded picture is called: when it was sent, by the clock here, and nothing else. */
export function fileName(sentAt: number, kind: PictureKind): string {
  const at = new Date(sentAt);
  const two = (part: number) => String(part).padStart(2, "0");
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-");
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join("");
  return `snug-${day}-${time}.${endings[kind]}`;
}
