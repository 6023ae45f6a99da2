import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { call } from "@/core/core";
import type { Conversation } from "@/core/engine.gen";
import { useLocale } from "@/i18n/use-locale";
import { dateTime } from "@/lib/format";
import { WarningOctagonIcon } from "@phosphor-icons/react/WarningOctagon";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { brokenText } from "./broken-text";

interface BrokenNoticeProps {
  conversation: Conversation;
  /** A way out that only this kind of conversation has. */
  children?: ReactNode;
}

/** The server passed on what must not be taken over: what was seen, and the ways on. */
export function BrokenNotice({ conversation, children }: BrokenNoticeProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const { kind, room_id, broken } = conversation;
  const unspoken = broken?.reason === "unknown-suite";
  const seen =
    broken &&
    t("broken.seen", { when: dateTime(broken.at, locale), what: brokenText(broken.reason, t) });
  return (
    <Notice announces tone="danger" icon={<WarningOctagonIcon size={18} />}>
      <p className="font-medium">{t("broken.title")}</p>
      <p className="mt-1">{unspoken ? t("experiment.unspoken") : (seen ?? t("broken.plain"))}</p>
      <p className="mt-1">{t(kind === "direct" ? "broken.direct" : "broken.group")}</p>
      {broken && !unspoken && (
        <p className="mt-1 text-sm [overflow-wrap:anywhere]">
          {t("broken.forOperators", {
            reason: broken.reason,
            epoch: broken.epoch,
            place: broken.seq ?? "–",
          })}
        </p>
      )}
      <div className="mt-2.5 flex flex-wrap gap-2">
        {room_id !== null && kind === "direct" && (
          <Button
            size="small"
            look="moss"
            onPress={() => void call("command", { type: "give_up_room", room_id })}
          >
            {t("broken.startNew")}
          </Button>
        )}
        {room_id !== null && (
          <Button
            size="small"
            onPress={() => void call("command", { type: "rejoin_room", room_id })}
          >
            {t("broken.tryAgain")}
          </Button>
        )}
        {children}
      </div>
    </Notice>
  );
}
