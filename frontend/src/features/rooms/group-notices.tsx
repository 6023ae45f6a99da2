import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { call } from "@/core/core";
import type { Conversation } from "@/core/engine.gen";
import { forgetKeyChange, useCore } from "@/core/store";
import { Place } from "@/features/chat/conversation-notices";
import { forgetConversation } from "@/features/chat/forget";
import { KeyIcon } from "@phosphor-icons/react/Key";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

interface GroupNoticesProps {
  conversation: Conversation;
  name: string;
  nameOf: (user: string) => string;
}

/** Above the composer: what sending waits for, or why nothing can be sent. */
export function GroupNotices({ conversation, name, nameOf }: GroupNoticesProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const changes = useCore((state) => state.keyChanges);
  const { id, fault, members } = conversation;

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
    return <Place>{<Notice tone="calm">{t("rooms.rejoining")}</Notice>}</Place>;
  }
  if (fault) return <Place>{<Notice announces>{t("chat.broken", { name })}</Notice>}</Place>;
  const change = members.map((user) => changes.get(user)).find(Boolean);
  if (!change) return null;
  const { user_id, account_key } = change;
  return (
    <Place>
      <Notice announces icon={<KeyIcon size={18} />}>
        <p>{t("chat.keyChange", { name: nameOf(user_id) })}</p>
        <div className="mt-2.5">
          <Button
            size="small"
            onPress={() => {
              void call("command", { type: "accept_keys", user_id, account_key });
              forgetKeyChange(user_id);
            }}
          >
            {t("chat.keyContinue")}
          </Button>
        </div>
      </Notice>
    </Place>
  );
}
