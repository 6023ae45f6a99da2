/** The words of an entry that it can be found by. */
import type { Entry } from "../../engine.gen";

/** Empty where there are none, or none yet: what was not sent is not looked for. */
export function textOf({ body, state }: Entry): string {
  if (state !== "sent") return "";
  if (body.type === "text") return body.text;
  if (body.type === "picture") return body.picture.caption;
  if (body.type === "file") return `${body.file.name} ${body.file.caption}`.trim();
  return "";
}

/** Taken back or put in other words: the ones before are to be nowhere. */
export function isErased({ body, edited_at }: Entry): boolean {
  return body.type === "deleted" || edited_at !== undefined;
}
