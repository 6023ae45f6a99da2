import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { SidePane } from "@/components/ui/side-pane";
import type { Conversation } from "@/core/engine.gen";
import { useUser } from "@/features/auth/session";
import { TimerDialog } from "@/features/timer/timer-dialog";
import { TimerRow } from "@/features/timer/timer-row";
import { PostQuantumLine } from "@/features/trust/post-quantum-line";
import { useSafetyOpen } from "@/features/trust/safety-open";
import { useLocale } from "@/i18n/use-locale";
import { PencilSimpleIcon } from "@phosphor-icons/react/PencilSimple";
import { SignOutIcon } from "@phosphor-icons/react/SignOut";
import { UserPlusIcon } from "@phosphor-icons/react/UserPlus";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { GroupAvatar } from "./group-avatar";
import { GroupPictureButtons } from "./group-picture-buttons";
import { InviteDialog } from "./invite-dialog";
import { LeaveDialog } from "./leave-dialog";
import { MemberRow } from "./member-row";
import { isOutside } from "./outside";
import { RenameDialog } from "./rename-dialog";
import type { Member } from "./use-members";

interface GroupPaneProps {
  conversation: Conversation;
  name: string;
  memberOf: (id: string) => Member;
  /** Lies over the messages instead of beside them. */
  overlay: boolean;
  onClose: () => void;
}

/** Who is in a group, and what may be done about it. */
export function GroupPane({ conversation, name, memberOf, overlay, onClose }: GroupPaneProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const { user_id: me } = useUser();
  const [asking, setAsking] = useState<"invite" | "rename" | "timer" | "leave" | null>(null);
  const comparing = useSafetyOpen() !== null;
  const close = () => setAsking(null);
  const { members, invited, admins, fault } = conversation;
  const inside = !isOutside(fault);
  const manages = inside && admins.includes(me);
  const sorted = members.map(memberOf).toSorted((a, b) => {
    const rank = (it: Member) => (it.me ? 0 : 1);
    return rank(a) - rank(b) || a.name.localeCompare(b.name, locale);
  });

  return (
    <SidePane
      label={t("chat.details")}
      closeLabel={t("chat.closeDetails")}
      overlay={overlay}
      asking={asking !== null || comparing}
      onClose={onClose}
    >
      <div className="flex flex-col items-center gap-0.5 px-6 text-center">
        <GroupAvatar room={conversation.id} name={name} size={96} />
        {manages && <GroupPictureButtons room={conversation.id} />}
        <div className="mt-3 flex max-w-full items-center gap-1">
          <h2 className="text-lg font-strong [overflow-wrap:anywhere]">{name}</h2>
          {manages && (
            <IconButton label={t("rooms.rename")} onPress={() => setAsking("rename")}>
              <PencilSimpleIcon size={18} />
            </IconButton>
          )}
        </div>
        {inside && (
          <p className="text-md text-text-2">{t("rooms.members", { count: members.length })}</p>
        )}
      </div>
      {inside && (
        <div className="mt-5 flex grow flex-col gap-4 px-6 pb-[max(24px,env(safe-area-inset-bottom))]">
          {manages && (
            <Button wide onPress={() => setAsking("invite")}>
              <UserPlusIcon size={20} />
              {t("rooms.add")}
            </Button>
          )}
          <TimerRow
            seconds={conversation.timer}
            onChoose={manages ? () => setAsking("timer") : null}
          />
          <section aria-label={t("rooms.memberList")}>
            <ul className="flex flex-col">
              {sorted.map((member) => (
                <MemberRow
                  key={member.user_id}
                  member={member}
                  conversation={conversation}
                  manages={manages}
                />
              ))}
              {invited.map((id) => (
                <MemberRow
                  key={id}
                  invited
                  member={memberOf(id)}
                  conversation={conversation}
                  manages={manages}
                />
              ))}
            </ul>
          </section>
          <section className="rounded-field bg-sunken px-4 py-3.5 text-md text-text-2">
            <h3 className="pb-1 font-medium text-text">{t("rooms.safetyTitle")}</h3>
            <p>{t("rooms.safety")}</p>
            <PostQuantumLine on={conversation.post_quantum} />
          </section>
          <div className="mt-auto">
            <Button look="warning" wide onPress={() => setAsking("leave")}>
              <SignOutIcon size={20} />
              {t("rooms.leave")}
            </Button>
          </div>
        </div>
      )}
      {asking === "invite" && <InviteDialog conversation={conversation} onClose={close} />}
      {asking === "timer" && (
        <TimerDialog conversation={conversation.id} seconds={conversation.timer} onClose={close} />
      )}
      {asking === "rename" && <RenameDialog conversation={conversation} onClose={close} />}
      {asking === "leave" && (
        <LeaveDialog conversation={conversation} name={name} onClose={close} />
      )}
    </SidePane>
  );
}
