import { IconButton } from "@/components/ui/icon-button";
import { SearchField } from "@/components/ui/search-field";
import { SkeletonRows } from "@/components/ui/skeleton";
import { useCore } from "@/core/store";
import { KitCard } from "@/features/auth/kit-card";
import { NewDeviceCard } from "@/features/devices/new-device-card";
import { RequestRows } from "@/features/people/request-rows";
import { requestsQuery, useContacts } from "@/features/people/queries";
import { NewGroupDialog } from "@/features/rooms/new-group-dialog";
import { isSearchWanted } from "@/features/search/focus";
import { MessageResults } from "@/features/search/message-results";
import { prepareSearch } from "@/features/search/use-message-search";
import { useHotKey, usePlainKey } from "@/lib/use-hot-key";
import { UsersThreeIcon } from "@phosphor-icons/react/UsersThree";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ConversationRow } from "./conversation-row";
import { NobodyYet } from "./nobody-yet";
import { filterRows, rowsOf } from "./rows";
import { useNames } from "./use-names";

/** Everybody one writes with, the latest first; requests and the unsaved kit on top. */
export function ConversationList() {
  const { t } = useTranslation();
  const { id: current } = useParams({ strict: false });
  const contacts = useContacts();
  const { data: requests } = useQuery(requestsQuery);
  const conversations = useCore((state) => state.conversations);
  const names = useNames();
  const [text, setText] = useState("");
  const [making, setMaking] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  const seek = () => search.current?.focus();
  useHotKey("k", seek);
  usePlainKey("/", seek);
  const arrive = useEffectEvent(() => isSearchWanted() && seek());
  useEffect(() => void arrive(), []);

  const rows = useMemo(
    () => rowsOf(contacts ?? [], conversations, names, t("rooms.unnamed")),
    [contacts, conversations, names, t],
  );
  const shown = filterRows(rows, text);
  const nobody = contacts?.length === 0 && rows.length === 0;
  const incoming = requests && { incoming: requests.incoming, outgoing: [] };

  return (
    <>
      <div className="flex flex-col gap-3 px-3 pb-3">
        <h1 className="sr-only">{t("chat.pageTitle")}</h1>
        <KitCard />
        <NewDeviceCard />
        {rows.length > 0 && (
          <div className="flex items-start gap-1">
            <div className="grow">
              <SearchField
                label={t("chat.search")}
                value={text}
                onChange={setText}
                inputRef={search}
                onFocus={prepareSearch}
              />
            </div>
            <IconButton label={t("rooms.new")} onPress={() => setMaking(true)}>
              <UsersThreeIcon size={22} />
            </IconButton>
          </div>
        )}
      </div>
      <nav
        aria-label={t("chat.list")}
        className="thin-scroll flex min-h-0 grow flex-col gap-3 overflow-y-auto px-3 pb-4"
      >
        {incoming && <RequestRows requests={incoming} />}
        {!contacts && <SkeletonRows label={t("common.loading")} />}
        {nobody && incoming?.incoming.length === 0 && (
          <div className="flex grow md:hidden">
            <NobodyYet />
          </div>
        )}
        {shown.length > 0 && (
          <ul className="flex flex-col gap-0.5">
            {shown.map((row) => (
              <ConversationRow key={row.id} row={row} selected={row.id === current} />
            ))}
          </ul>
        )}
        {text.trim() && (
          <MessageResults text={text} rows={rows} names={names} beside={shown.length > 0} />
        )}
      </nav>
      {making && <NewGroupDialog contacts={contacts ?? []} onClose={() => setMaking(false)} />}
    </>
  );
}
