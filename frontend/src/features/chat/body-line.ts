/** An entry in a few words: for lists, quotes, and those who listen. */
import type { Body, Said } from "@/core/engine.gen";
import { fileLine } from "@/features/files/line";
import { pictureLine } from "@/features/pictures/line";
import type { TFunction } from "i18next";
import { unopenedText } from "./unopened-text";

/** `null` for what became of a group: `eventTexts` says it. */
export function bodyLine(body: Body, mine: boolean, t: TFunction): string | null {
  switch (body.type) {
    case "text":
      return body.text;
    case "picture":
      return pictureLine(body.picture.caption, t);
    case "file":
      return fileLine(body.file.name, body.file.caption, t);
    case "deleted":
      return t(mine ? "message.youDeleted" : "message.deleted");
    case "unopened":
      return unopenedText(body.reason, t);
    case "unknown":
      return t("chat.newerVersion");
    case "room":
      return null;
  }
}

/** What a quoted message says. */
export function saidLine(said: Said, t: TFunction): string {
  switch (said.type) {
    case "looking":
      return "…";
    case "missing":
      return t("message.notHere");
    case "text":
      return said.text;
    case "picture":
      return pictureLine(said.caption, t);
    case "file":
      return fileLine(said.name, "", t);
    case "deleted":
      return t("message.deleted");
    case "unknown":
      return t("chat.newerVersion");
  }
}
