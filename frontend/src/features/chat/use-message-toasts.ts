import { showToast } from "@/components/ui/toasts";
import { onCoreEvent } from "@/core/core";
import { coreState } from "@/core/store";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Names } from "./rows";
import { useNames } from "./use-names";

/** A message in another conversation is worth a glance; its words are not shown. */
export function useMessageToasts(): void {
  const { t } = useTranslation();
  const router = useRouter();
  const navigate = useNavigate();
  const names = useRef<Names>({});
  names.current = useNames();

  useEffect(
    () =>
      onCoreEvent((event) => {
        // While catching up everything is new; the list says enough.
        if (event.type !== "notices" || coreState().phase?.type !== "live") return;
        for (const notice of event.notices) {
          if (notice.type !== "message" || notice.entry.mine) continue;
          const { conversation, entry } = notice;
          const open = router.state.location.pathname === `/chat/${conversation}`;
          const name = names.current[conversation];
          if (open || !name || Date.now() - entry.sent_at > 30_000) continue;
          showToast({
            key: conversation,
            text: t("toasts.message", { name }),
            action: {
              label: t("toasts.show"),
              run: () => void navigate({ to: "/chat/$id", params: { id: conversation } }),
            },
          });
        }
      }),
    [router, navigate, t],
  );
}
