import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { call } from "@/core/core";
import type { Conversation } from "@/core/engine.gen";
import { forgetKeyChange, useCore } from "@/core/store";
import { useIsBlocked } from "@/features/people/queries";
import { useBlocks } from "@/features/people/use-blocks";
import { KeyIcon } from "@phosphor-icons/react/Key";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

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
  const change = useCore((state) => state.keyChanges.get(id) ?? null);
  const blocked = useIsBlocked(id);
  const { unblock } = useBlocks();
  const { waiting, fault } = conversation ?? { waiting: null, fault: null };

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
    return <Place>{<Notice tone="calm">{t("chat.closed", { name })}</Notice>}</Place>;
  }
  if (fault === "lost" || fault === "rolled_back") {
    return <Place>{<Notice tone="calm">{t("rooms.rejoining")}</Notice>}</Place>;
  }
  if (fault) return <Place>{<Notice announces>{t("chat.broken", { name })}</Notice>}</Place>;
  if (change) {
    return (
      <Place>
        <Notice announces icon={<KeyIcon size={18} />}>
          <p>{t("chat.keyChange", { name })}</p>
          <div className="mt-2.5">
            <Button
              size="small"
              onPress={() => {
                const { user_id, account_key } = change;
                void call("command", { type: "accept_keys", user_id, account_key });
                forgetKeyChange(id);
              }}
            >
              {t("chat.keyContinue")}
            </Button>
          </div>
        </Notice>
      </Place>
    );
  }
  if (waiting === "peer_setup" && conversation && conversation.outbox > 0) {
    return <Place>{<Notice tone="calm">{t("chat.waiting", { name })}</Notice>}</Place>;
  }
  return null;
}

/** Where notices stand. */
export function Place({ children }: { children: ReactNode }) {
  return (
    <div className="mx-auto w-full max-w-[760px] px-4 pt-1 pb-[max(8px,env(safe-area-inset-bottom))]">
      {children}
    </div>
  );
}
