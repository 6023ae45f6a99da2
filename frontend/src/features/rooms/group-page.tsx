import type { Conversation } from "@/core/engine.gen";
import { useCore } from "@/core/store";
import { ConversationHeader } from "@/features/chat/conversation-header";
import { ConversationPane } from "@/features/chat/conversation-pane";
import { useTypist } from "@/features/chat/typing-line";
import { ConversationSearch } from "@/features/search/conversation-search";
import { TimerMark } from "@/features/timer/timer-mark";
import { useMedia } from "@/lib/use-media";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { GroupAvatar } from "./group-avatar";
import { GroupNotices } from "./group-notices";
import { GroupPane } from "./group-pane";
import { isOutside } from "./outside";
import { useMembers } from "./use-members";

/** A group's conversation and, where there is room or on demand, its members. */
export function GroupPage({ conversation }: { conversation: Conversation }) {
  const { t } = useTranslation();
  const { id, members, invited, fault } = conversation;
  const name = conversation.name ?? t("rooms.unnamed");
  const wide = useMedia("(min-width: 80rem)");
  const [details, setDetails] = useState<boolean | null>(null);
  const [searching, setSearching] = useState(false);
  const open = details ?? wide;
  const outside = isOutside(fault);
  const memberOf = useMembers(outside ? [] : [...members, ...invited]);
  const nameOf = useCallback((user: string) => memberOf(user).name, [memberOf]);
  const typist = useTypist(id);
  const making = useCore((state) => state.phase?.type === "live") && conversation.room_id === null;
  const line = typist
    ? t("chat.typing", { name: nameOf(typist) })
    : making && !outside
      ? t("rooms.making")
      : !outside && t("rooms.members", { count: members.length });

  return (
    <>
      <ConversationPane
        id={id}
        name={name}
        to={{ type: "room", room_id: id }}
        closed={outside}
        nameOf={nameOf}
        header={
          <ConversationHeader
            name={name}
            mark={<TimerMark seconds={conversation.timer} />}
            avatar={<GroupAvatar room={id} name={name} size={40} />}
            line={line}
            onSearch={() => setSearching(true)}
            detailsOpen={open}
            onDetails={() => setDetails(!open)}
          />
        }
        search={
          searching && (
            <ConversationSearch conversation={id} name={name} onClose={() => setSearching(false)} />
          )
        }
        notices={<GroupNotices conversation={conversation} name={name} memberOf={memberOf} />}
      />
      {open && (
        <GroupPane
          conversation={conversation}
          name={name}
          memberOf={memberOf}
          overlay={!wide}
          onClose={() => setDetails(false)}
        />
      )}
    </>
  );
}
