import { showToast } from "@/components/ui/toasts";
import { onCoreEvent } from "@/core/core";
import type { Notice } from "@/core/engine.gen";
import { coreState } from "@/core/store";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect, useEffectEvent } from "react";
import { useTranslation } from "react-i18next";
import { useNames } from "./use-names";

/** Older than this it is no news: the list says enough. */
const NEWS = 30_000;

/** A message in another conversation is worth a glance; its words are not shown. */
export function useMessageToasts(): void {
  const { t } = useTranslation();
  const router = useRouter();
  const navigate = useNavigate();
  const names = useNames();

  const tell = useEffectEvent((notice: Notice) => {
    if (notice.type !== "message" || notice.entry.mine) return;
    const { conversation, entry } = notice;
    const open = router.state.location.pathname === `/chat/${conversation}`;
    const name = names[conversation];
    if (open || !name || Date.now() - entry.sent_at > NEWS) return;
    showToast({
      key: conversation,
      text: t("toasts.message", { name }),
      action: {
        label: t("toasts.show"),
        run: () => void navigate({ to: "/chat/$id", params: { id: conversation } }),
      },
    });
  });

  useEffect(
    () =>
      onCoreEvent((event) => {
        // While catching up everything is new.
        if (event.type !== "notices" || coreState().phase?.type !== "live") return;
        for (const notice of event.notices) tell(notice);
      }),
    [],
  );
}
