import type { TFunction } from "i18next";

/** A file in a few words. */
export function fileLine(name: string, caption: string, t: TFunction): string {
  const words = caption.trim();
  return words ? t("files.lineCaption", { name, caption: words }) : t("files.line", { name });
}
