import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { Conversation } from "@/core/engine.gen";
import { useCore } from "@/core/store";
import { useIsBlocked } from "@/features/people/queries";
import { useBlocks } from "@/features/people/use-blocks";
import { BrokenNotice } from "@/features/trust/broken-notice";
import { KeyChangeNotice } from "@/features/trust/key-change-notice";
import { pendingChanges } from "@/features/trust/pending-changes";
import { RejoinNotice } from "@/features/trust/rejoin-notice";
import { WaitingNotice, waits } from "@/features/trust/waiting-notice";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { forgetConversation } from "./forget";

interface ConversationNoticesProps {
  id: string;
  name: string;
  conversation: Conversation | null;
  /** The two are no contacts any more. */
  closed: boolean;
}

/** Above the composer: what sending waits for, or why nothing can be sent. */
export function ConversationNotices({ id, name, conversation, closed }: ConversationNoticesProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const people = useCore((state) => state.people);
  const blocked = useIsBlocked(id);
  const { unblock } = useBlocks();
  const fault = conversation?.fault ?? null;

  if (closed && blocked) {
    return (
      <Place>
        <Notice tone="calm">
          <p>{t("chat.blocked", { name })}</p>
          <div className="mt-2.5">
            <Button
              size="small"
              isPending={unblock.isPending}
              onPress={() => unblock.mutate({ user_id: id })}
            >
              {t("people.unblock")}
            </Button>
          </div>
        </Notice>
      </Place>
    );
  }
  if (closed || fault === "closed" || fault === "removed") {
    const forget = () => {
      forgetConversation(id);
      void navigate({ to: "/chat" });
    };
    return (
      <Place>
        <Notice tone="calm">
          <p>{t(closed || fault === "closed" ? "chat.closed" : "trust.removed", { name })}</p>
          {closed && (
            <div className="mt-2.5">
              <Button size="small" onPress={forget}>
                {t("rooms.erase")}
              </Button>
            </div>
          )}
        </Notice>
      </Place>
    );
  }
  if (!conversation) return null;
  if (fault === "lost" || fault === "rolled_back") {
    return <Place>{<RejoinNotice fault={fault} />}</Place>;
  }
  if (fault) return <Place>{<BrokenNotice conversation={conversation} />}</Place>;
  const [pending] = pendingChanges(conversation, people);
  if (pending) return <Place>{<KeyChangeNotice pending={pending} name={name} more={0} />}</Place>;
  if (waits(conversation)) {
    return <Place>{<WaitingNotice conversation={conversation} nameOf={() => name} />}</Place>;
  }
  return null;
}

/** Where notices stand. */
export function Place({ children }: { children: ReactNode }) {
  return (
    <div className="thin-scroll mx-auto max-h-[55dvh] w-full max-w-[760px] shrink-0 overflow-y-auto px-4 pt-1 pb-[max(8px,env(safe-area-inset-bottom))]">
      {children}
    </div>
  );
}
