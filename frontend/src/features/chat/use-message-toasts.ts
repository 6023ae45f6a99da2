import { showToast } from "@/components/ui/toasts";
import { isAsking } from "@/core/ask";
import { onCoreEvent } from "@/core/core";
import type { Notice } from "@/core/engine.gen";
import { coreState } from "@/core/store";
import type { Code } from "@/protocol.gen";
import { useNavigate, useRouter } from "@tanstack/react-router";
import { useEffect, useEffectEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { firstTimes } from "./first-time";
import { useNames } from "./use-names";

/** Older than this it is no news: the list says enough. */
const NEWS = 30_000;
/** Messages that are told of once, however often they change while they are news. */
const REMEMBERED = 500;

/** Why a group was not changed as one wished. */
const refusals = {
  "last-admin": "rooms.lastAdmin",
  policy: "rooms.notAllowed",
  "not-a-contact": "problems.notAContact",
} as const satisfies Partial<Record<Code, string>> as Partial<
  Record<Code, "rooms.lastAdmin" | "rooms.notAllowed" | "problems.notAContact">
>;

/** A message in another conversation is worth a glance; its words are not shown. */
export function useMessageToasts(): void {
  const { t } = useTranslation();
  const router = useRouter();
  const navigate = useNavigate();
  const names = useNames();

  const [isNew] = useState(() => firstTimes(REMEMBERED));

  const tell = useEffectEvent((notice: Notice) => {
    if (notice.type === "refused" && notice.id === null) {
      // Whoever asked says so in its place; a second factor has a dialog of its own.
      if (isAsking() || notice.failure.code === "step-up-required") return;
      const key = refusals[notice.failure.code] ?? "problems.unknown";
      return showToast({ key: "refused", text: t(key) });
    }
    if (notice.type === "refused") {
      const late = ["forbidden", "not-found"].includes(notice.failure.code);
      const key = late ? "message.stays" : "problems.unknown";
      return showToast({ key: "refused", text: t(key) });
    }
    if (notice.type === "uninvited") {
      const newer = notice.reason === "unknown-suite";
      const text = t(newer ? "experiment.unspoken" : "trust.uninvited");
      return showToast({ key: notice.room_id, text });
    }
    if (notice.type === "not_added") {
      const name = names[notice.user_id] ?? t("rooms.somebody");
      const key = `${notice.room_id} ${notice.user_id}`;
      return showToast({ key, text: t("experiment.notAdded", { name }) });
    }
    if (notice.type === "outdated") {
      return showToast({ key: "outdated", text: t("history.outdatedToast") });
    }
    if (notice.type === "conversation_gone") {
      // With a person it stays open, as one in which nothing was written yet.
      const open = router.state.location.pathname === `/chat/${notice.conversation}`;
      if (open && !names[notice.conversation]) void navigate({ to: "/chat", replace: true });
      return;
    }
    if (notice.type !== "message") return;
    const { conversation, entry } = notice;
    // Told again for each reaction and edit.
    if (!isNew(`${conversation} ${entry.key}`) || entry.body.type === "deleted") return;
    const events = entry.body.type === "room" ? entry.body.events : [];
    const joined = events.some(({ type }) => type === "joined");
    // Told once, by the conversation with the person; groups with them have the line as well.
    const rekeyed =
      conversation === entry.sender && events.some(({ type }) => type === "keys_changed");
    if (!joined && !rekeyed && (entry.mine || entry.body.type === "room")) return;
    const open = router.state.location.pathname === `/chat/${conversation}`;
    const group = coreState().conversations.get(conversation)?.name;
    const name = group ?? names[conversation] ?? (joined ? t("rooms.unnamed") : null);
    if (open || !name || Date.now() - entry.sent_at > NEWS) return;
    showToast({
      key: conversation,
      text: joined
        ? t("rooms.joinedToast")
        : t(rekeyed ? "trust.changed" : "toasts.message", { name }),
      action: {
        label: t("toasts.show"),
        run: () => void navigate({ to: "/chat/$id", params: { id: conversation } }),
      },
    });
  });

  useEffect(
    () =>
      onCoreEvent((event) => {
        if (event.type !== "notices") return;
        // While catching up everything is new; what is told once is not missed.
        const live = coreState().phase?.type === "live";
        for (const notice of event.notices) if (live || notice.type === "outdated") tell(notice);
      }),
    [],
  );
}
