import { showToast } from "@/components/ui/toasts";
import type { Entry } from "@/core/engine.gen";
import { useEffect, useEffectEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { endJump, useJump } from "./jump";

/** The entry to bring into view. */
export interface Target {
  key: string;
  /** Another one each time, for the same entry as well. */
  number: number;
}

interface UseJumpsOptions {
  /** The entries of the conversation are here. */
  loaded: boolean;
  goTo: (position: string) => Promise<Entry | null>;
}

/** Follows what is wanted of the open conversation; says so where nothing stands any more. */
export function useJumps(conversation: string, { loaded, goTo }: UseJumpsOptions): Target | null {
  const { t } = useTranslation();
  const jump = useJump(conversation);
  const [target, setTarget] = useState<Target | null>(null);
  const missing = useEffectEvent(() => showToast({ key: "jump", text: t("message.notHere") }));

  useEffect(() => {
    if (!jump || !loaded) return;
    let gone = false;
    void goTo(jump.position).then((entry) => {
      if (gone) return;
      if (entry) setTarget({ key: entry.key, number: jump.number });
      else missing();
      endJump(jump);
    });
    return () => {
      gone = true;
    };
  }, [jump, loaded, goTo]);

  return target;
}
