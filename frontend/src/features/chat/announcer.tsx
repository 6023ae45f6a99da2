import type { Entry } from "@/core/engine.gen";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { bodyLine } from "./body-line";

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
  const text = fresh ? bodyLine(last.body, false, t) : null;
  return (
    <div aria-live="polite" className="sr-only">
      {text && last && t("chat.fromOther", { name: nameOf(last.sender), text })}
    </div>
  );
}
