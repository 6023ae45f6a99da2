import { useLocale } from "@/i18n/use-locale";
import { Avatar } from "@/components/ui/avatar";
import { Button } from "@/components/ui/button";
import { SidePane } from "@/components/ui/side-pane";
import { useCore } from "@/core/store";
import { BlockDialog } from "@/features/people/block-dialog";
import { displayName } from "@/features/people/names";
import { Presence } from "@/features/people/presence";
import { TimerDialog } from "@/features/timer/timer-dialog";
import { TimerRow } from "@/features/timer/timer-row";
import { PostQuantumLine } from "@/features/trust/post-quantum-line";
import { TrustCard } from "@/features/trust/trust-card";
import { useSafetyOpen } from "@/features/trust/safety-open";
import { VerifiedMark } from "@/features/trust/verified-mark";
import { longDate } from "@/lib/format";
import type { Contact } from "@/protocol.gen";
import { ProhibitIcon } from "@phosphor-icons/react/Prohibit";
import { UserMinusIcon } from "@phosphor-icons/react/UserMinus";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { RemoveDialog } from "./remove-dialog";

interface DetailsPaneProps {
  contact: Contact;
  /** Lies over the messages instead of beside them. */
  overlay: boolean;
  onClose: () => void;
}

/** What there is to know of a contact, and to do: keys, timer, removing, blocking. */
export function DetailsPane({ contact, overlay, onClose }: DetailsPaneProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const [asking, setAsking] = useState<"remove" | "block" | "timer" | null>(null);
  const conversation = useCore((state) => state.conversations.get(contact.user_id) ?? null);
  const comparing = useSafetyOpen() !== null;
  const close = () => setAsking(null);
  const name = displayName(contact);

  return (
    <SidePane
      label={t("chat.details")}
      closeLabel={t("chat.closeDetails")}
      overlay={overlay}
      asking={asking !== null || comparing}
      onClose={onClose}
    >
      <div className="flex flex-col items-center gap-0.5 px-6 text-center">
        <Avatar name={name} picture={contact.avatar} size={96} online={contact.online} />
        <div className="mt-3 flex max-w-full items-center gap-1">
          <h2 className="text-lg font-strong [overflow-wrap:anywhere]">{name}</h2>
          <VerifiedMark userId={contact.user_id} name={name} size={20} />
        </div>
        <p className="text-text-2">@{contact.username}</p>
        <p className="text-md text-text-2">
          <Presence contact={contact} />
        </p>
      </div>
      <div className="mt-6 flex grow flex-col gap-4 px-6 pb-[max(24px,env(safe-area-inset-bottom))]">
        <section className="rounded-field bg-sunken px-4 py-3.5 text-md text-text-2">
          <h3 className="pb-1 font-medium text-text">{t("chat.safetyTitle")}</h3>
          <p>{t("chat.safety")}</p>
          <PostQuantumLine on={conversation?.post_quantum ?? false} />
        </section>
        {conversation && (
          <TimerRow
            seconds={conversation.timer}
            onChoose={conversation.fault ? null : () => setAsking("timer")}
          />
        )}
        <TrustCard userId={contact.user_id} name={name} />
        <p className="text-center text-sm text-text-2">
          {t("chat.since", { date: longDate(Date.parse(contact.added_at), locale) })}
        </p>
        <div className="mt-auto flex flex-col gap-2">
          <Button wide onPress={() => setAsking("block")}>
            <ProhibitIcon size={20} />
            {t("people.block")}
          </Button>
          <Button look="warning" wide onPress={() => setAsking("remove")}>
            <UserMinusIcon size={20} />
            {t("people.remove")}
          </Button>
        </div>
      </div>
      {asking === "timer" && conversation && (
        <TimerDialog conversation={conversation.id} seconds={conversation.timer} onClose={close} />
      )}
      <RemoveDialog contact={contact} isOpen={asking === "remove"} onClose={close} />
      <BlockDialog person={contact} isOpen={asking === "block"} onClose={close} />
    </SidePane>
  );
}
