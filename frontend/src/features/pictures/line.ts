import type { TFunction } from "i18next";
import type { PictureBody } from "./opened";

/** A picture in a few words, for lists and for those who listen. */
export function pictureLine({ picture }: PictureBody, t: TFunction): string {
  const caption = picture.caption.trim();
  return caption ? t("pictures.lineCaption", { caption }) : t("pictures.line");
}
