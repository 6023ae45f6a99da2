import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { Conversation } from "@/core/engine.gen";
import { useCore } from "@/core/store";
import { useUser } from "@/features/auth/session";
import { Place } from "@/features/chat/conversation-notices";
import { forgetConversation } from "@/features/chat/forget";
import { BrokenNotice } from "@/features/trust/broken-notice";
import { KeyChangeNotice } from "@/features/trust/key-change-notice";
import { pendingChanges } from "@/features/trust/pending-changes";
import { RejoinNotice } from "@/features/trust/rejoin-notice";
import { WaitingNotice, waits } from "@/features/trust/waiting-notice";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { LeaveDialog } from "./leave-dialog";
import { RemoveMemberDialog } from "./remove-member-dialog";
import type { Member } from "./use-members";

interface GroupNoticesProps {
  conversation: Conversation;
  name: string;
  memberOf: (user: string) => Member;
}

/** Above the composer: what sending waits for, or why nothing can be sent. */
export function GroupNotices({ conversation, name, memberOf }: GroupNoticesProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { user_id: me } = useUser();
  const people = useCore((state) => state.people);
  const [asking, setAsking] = useState<"leave" | "remove" | null>(null);
  const close = () => setAsking(null);
  const { id, fault, admins } = conversation;

  if (fault === "outside" || fault === "barred") {
    return (
      <Place>
        <Notice tone="calm">{t(fault === "outside" ? "rooms.newKeys" : "rooms.barred")}</Notice>
      </Place>
    );
  }
  if (fault === "removed" || fault === "closed") {
    const forget = () => {
      forgetConversation(id);
      void navigate({ to: "/chat" });
    };
    return (
      <Place>
        <Notice tone="calm">
          <p>{t(fault === "removed" ? "rooms.outside" : "rooms.notMade")}</p>
          <div className="mt-2.5">
            <Button size="small" onPress={forget}>
              {t("rooms.erase")}
            </Button>
          </div>
        </Notice>
      </Place>
    );
  }
  if (fault === "lost" || fault === "rolled_back") {
    return <Place>{<RejoinNotice fault={fault} />}</Place>;
  }
  const leave = (
    <Button size="small" onPress={() => setAsking("leave")}>
      {t("rooms.leave")}
    </Button>
  );
  const leaving = asking === "leave" && (
    <LeaveDialog conversation={conversation} name={name} onClose={close} />
  );
  if (fault) {
    return (
      <Place>
        <BrokenNotice conversation={conversation}>{leave}</BrokenNotice>
        {leaving}
      </Place>
    );
  }
  const pending = pendingChanges(conversation, people);
  const [first] = pending;
  if (first) {
    const member = memberOf(first.user_id);
    return (
      <Place>
        <KeyChangeNotice pending={first} name={member.name} more={pending.length - 1}>
          {admins.includes(me) ? (
            <Button size="small" onPress={() => setAsking("remove")}>
              {t("rooms.remove")}
            </Button>
          ) : (
            leave
          )}
        </KeyChangeNotice>
        {leaving}
        {asking === "remove" && <RemoveMemberDialog room={id} member={member} onClose={close} />}
      </Place>
    );
  }
  if (!waits(conversation)) return null;
  const nameOf = (user: string) => memberOf(user).name;
  return <Place>{<WaitingNotice conversation={conversation} nameOf={nameOf} />}</Place>;
}
