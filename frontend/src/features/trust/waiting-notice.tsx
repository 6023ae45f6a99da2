import { Notice } from "@/components/ui/notice";
import type { Conversation } from "@/core/engine.gen";
import { useCore } from "@/core/store";
import { useLocale } from "@/i18n/use-locale";
import { KeyIcon } from "@phosphor-icons/react/Key";
import { useTranslation } from "react-i18next";

interface WaitingNoticeProps {
  conversation: Conversation;
  nameOf: (user: string) => string;
}

/** Whether something of mine waits that the person here should know of. */
export function waits({ waiting, outbox }: Conversation): boolean {
  return waiting !== null && waiting !== "key_change" && outbox > 0;
}

/** What my messages wait for; they go out by themselves. */
export function WaitingNotice({ conversation, nameOf }: WaitingNoticeProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const refused = useCore((state) => state.refusedKeys);
  const { waiting, waiting_for, peer, members } = conversation;
  const named = waiting_for.length > 0 || peer === null ? waiting_for : [peer];
  const name = new Intl.ListFormat(locale, { type: "conjunction" }).format(named.map(nameOf));
  const suspects = (peer === null ? members : [peer]).filter((user) => refused.has(user));
  if (waiting === "peer_setup" && suspects.length > 0) {
    return (
      <Notice announces icon={<KeyIcon size={18} />}>
        {t("trust.keysRefused", { name: nameOf(suspects[0]!) })}
      </Notice>
    );
  }
  return (
    <Notice tone="calm">
      {waiting === "devices"
        ? t("trust.waitsDevices", { name })
        : waiting === "invitation"
          ? t("trust.waitsInvitation")
          : t("chat.waiting", { name })}
    </Notice>
  );
}
