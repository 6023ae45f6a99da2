import { Avatar } from "@/components/ui/avatar";
import { MenuItem } from "@/components/ui/menu";
import { RowMenu } from "@/components/ui/row-menu";
import { call } from "@/core/core";
import type { Conversation } from "@/core/engine.gen";
import { openSafety } from "@/features/trust/safety-open";
import { VerifiedMark } from "@/features/trust/verified-mark";
import { ChatCircleIcon } from "@phosphor-icons/react/ChatCircle";
import { SealCheckIcon } from "@phosphor-icons/react/SealCheck";
import { StarIcon } from "@phosphor-icons/react/Star";
import { UserMinusIcon } from "@phosphor-icons/react/UserMinus";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { RemoveMemberDialog } from "./remove-member-dialog";
import type { Member } from "./use-members";

interface MemberRowProps {
  member: Member;
  conversation: Conversation;
  /** Not in it yet. */
  invited?: boolean;
  /** Whether the person here may change the group. */
  manages: boolean;
}

/** Somebody in a group, or invited to it, with what one may do about them. */
export function MemberRow({ member, conversation, invited = false, manages }: MemberRowProps) {
  const { t } = useTranslation();
  const admin = !invited && conversation.admins.includes(member.user_id);
  const line = invited
    ? t("rooms.invited")
    : [admin && t("rooms.isAdmin"), member.username && `@${member.username}`]
        .filter(Boolean)
        .join(" · ");
  const absent = conversation.absent.includes(member.user_id);
  return (
    <li className="flex items-center gap-3 py-1.5">
      <Avatar
        name={member.name}
        picture={member.avatar}
        size={40}
        online={member.contact?.online ?? false}
      />
      <div className="min-w-0 grow">
        <div className="flex items-center gap-0.5">
          <p className="truncate font-medium">
            {member.name}
            {member.me && <span className="font-normal text-text-2"> ({t("rooms.you")})</span>}
          </p>
          {!member.me && <VerifiedMark userId={member.user_id} name={member.name} size={16} />}
        </div>
        <p className="truncate text-sm text-text-2">{line}</p>
        {absent && <p className="text-sm text-text-2">{t("rooms.isAbsent")}</p>}
      </div>
      {!member.me && (
        <MemberMenu
          member={member}
          room={conversation.id}
          admin={admin}
          invited={invited}
          manages={manages}
        />
      )}
    </li>
  );
}

interface MemberMenuProps {
  member: Member;
  room: string;
  admin: boolean;
  invited: boolean;
  manages: boolean;
}

function MemberMenu({ member, room, admin, invited, manages }: MemberMenuProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [removing, setRemoving] = useState(false);
  const { name, user_id } = member;

  function setAdmin(next: boolean): void {
    void call("command", { type: "set_admin", room_id: room, user_id, admin: next });
  }

  return (
    <>
      <RowMenu label={t("people.menu", { name })}>
        {member.contact && (
          <MenuItem
            icon={<ChatCircleIcon size={20} />}
            onAction={() => void navigate({ to: "/chat/$id", params: { id: user_id } })}
          >
            {t("toasts.write")}
          </MenuItem>
        )}
        <MenuItem icon={<SealCheckIcon size={20} />} onAction={() => openSafety(user_id)}>
          {t("trust.number")}
        </MenuItem>
        {manages && !invited && (
          <MenuItem icon={<StarIcon size={20} />} onAction={() => setAdmin(!admin)}>
            {t(admin ? "rooms.endAdmin" : "rooms.makeAdmin")}
          </MenuItem>
        )}
        {manages && (
          <MenuItem danger icon={<UserMinusIcon size={20} />} onAction={() => setRemoving(true)}>
            {t("rooms.remove")}
          </MenuItem>
        )}
      </RowMenu>
      {removing && (
        <RemoveMemberDialog room={room} member={member} onClose={() => setRemoving(false)} />
      )}
    </>
  );
}
