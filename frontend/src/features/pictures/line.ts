import type { TFunction } from "i18next";

/** A picture in a few words, for lists and for those who listen. */
export function pictureLine(caption: string, t: TFunction): string {
  const words = caption.trim();
  return words ? t("pictures.lineCaption", { caption: words }) : t("pictures.line");
}
