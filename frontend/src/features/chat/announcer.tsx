import type { Entry } from "@/core/engine.gen";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

interface AnnouncerProps {
  entries: readonly Entry[];
  loaded: boolean;
  name: string;
}

/** Reads new messages of the open conversation out. */
export function Announcer({ entries, loaded, name }: AnnouncerProps) {
  const { t } = useTranslation();
  const [words, setWords] = useState("");
  const seen = useRef<string | null>(null);
  const last = entries.at(-1);

  useEffect(() => {
    if (!loaded) return;
    const before = seen.current;
    seen.current = last?.position ?? "";
    if (before === null || !last || last.mine || last.position <= before) return;
    if (last.body.type === "text") setWords(t("chat.fromOther", { name, text: last.body.text }));
  }, [loaded, last, name, t]);

  return (
    <div aria-live="polite" className="sr-only">
      {words}
    </div>
  );
}
