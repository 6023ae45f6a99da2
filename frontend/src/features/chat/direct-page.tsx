import { Avatar } from "@/components/ui/avatar";
import { useCore } from "@/core/store";
import { useUser } from "@/features/auth/session";
import { ContactMenu } from "@/features/people/contact-menu";
import { displayName } from "@/features/people/names";
import { Presence } from "@/features/people/presence";
import { TimerMark } from "@/features/timer/timer-mark";
import { VerifiedMark } from "@/features/trust/verified-mark";
import { ConversationSearch } from "@/features/search/conversation-search";
import { useMedia } from "@/lib/use-media";
import type { Contact } from "@/protocol.gen";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { ConversationHeader } from "./conversation-header";
import { ConversationNotices } from "./conversation-notices";
import { ConversationPane } from "./conversation-pane";
import { DetailsPane } from "./details-pane";
import { useIsTyping } from "./typing-line";

interface DirectPageProps {
  id: string;
  name: string;
  contact: Contact | null;
  /** The person is no contact any more. */
  closed: boolean;
}

/** A conversation with a person and, where there is room or on demand, its details. */
export function DirectPage({ id, name, contact, closed }: DirectPageProps) {
  const { t } = useTranslation();
  const me = useUser();
  const conversation = useCore((state) => state.conversations.get(id) ?? null);
  const typing = useIsTyping(id);
  const wide = useMedia("(min-width: 80rem)");
  const [details, setDetails] = useState<boolean | null>(null);
  const [searching, setSearching] = useState(false);
  const open = details ?? wide;
  const myName = displayName(me);
  const nameOf = useCallback(
    (user: string) => (user === me.user_id ? myName : name),
    [me.user_id, myName, name],
  );

  return (
    <>
      <ConversationPane
        id={id}
        name={name}
        to={{ type: "direct", user_id: id }}
        closed={closed}
        nameOf={nameOf}
        header={
          <ConversationHeader
            name={name}
            mark={
              <>
                <VerifiedMark userId={id} name={name} />
                <TimerMark seconds={conversation?.timer ?? null} />
              </>
            }
            avatar={
              <Avatar
                name={name}
                picture={contact?.avatar ?? null}
                size={40}
                online={contact?.online ?? false}
              />
            }
            line={typing ? t("chat.typingShort") : contact && <Presence contact={contact} />}
            onSearch={() => setSearching(true)}
            detailsOpen={open}
            onDetails={contact && (() => setDetails(!open))}
            menu={contact && <ContactMenu contact={contact} />}
          />
        }
        search={
          searching && (
            <ConversationSearch conversation={id} name={name} onClose={() => setSearching(false)} />
          )
        }
        notices={
          <ConversationNotices id={id} name={name} conversation={conversation} closed={closed} />
        }
      />
      {open && contact && (
        <DetailsPane contact={contact} overlay={!wide} onClose={() => setDetails(false)} />
      )}
    </>
  );
}
