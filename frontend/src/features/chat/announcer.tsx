import type { Entry } from "@/core/engine.gen";
import { pictureLine } from "@/features/pictures/line";
import { useState } from "react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";

interface AnnouncerProps {
  entries: readonly Entry[];
  loaded: boolean;
  nameOf: (user: string) => string;
}

/** Reads out what arrives while the conversation is open. */
export function Announcer({ entries, loaded, nameOf }: AnnouncerProps) {
  const { t } = useTranslation();
  const last = entries.at(-1);
  const [since, setSince] = useState<string | null>(null);
  if (loaded && since === null) setSince(last?.position ?? "");

  const fresh = since !== null && last && !last.mine && last.position > since;
  const text = fresh ? wordsOf(last, t) : null;
  return (
    <div aria-live="polite" className="sr-only">
      {text && last && t("chat.fromOther", { name: nameOf(last.sender), text })}
    </div>
  );
}

function wordsOf({ body }: Entry, t: TFunction): string | null {
  if (body.type === "picture") return pictureLine(body, t);
  return body.type === "text" ? body.text : null;
}
