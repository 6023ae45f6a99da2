import { Avatar } from "@/components/ui/avatar";
import { SearchField } from "@/components/ui/search-field";
import { displayName } from "@/features/people/names";
import { useLocale } from "@/i18n/use-locale";
import type { Contact } from "@/protocol.gen";
import { CheckIcon } from "@phosphor-icons/react/Check";
import { useState } from "react";
import { ListBox, ListBoxItem, type Selection } from "react-aria-components";
import { useTranslation } from "react-i18next";

/** So many names are found by looking. */
const FEW = 7;

interface PickContactsProps {
  contacts: readonly Contact[];
  picked: ReadonlySet<string>;
  onPick: (picked: Set<string>) => void;
}

/** Chooses among the contacts. */
export function PickContacts({ contacts, picked, onPick }: PickContactsProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const [text, setText] = useState("");
  const wanted = text.trim().toLocaleLowerCase(locale);
  const shown = contacts
    .filter((it) => `${displayName(it)} ${it.username}`.toLocaleLowerCase(locale).includes(wanted))
    .toSorted((a, b) => displayName(a).localeCompare(displayName(b), locale));

  function pick(selection: Selection): void {
    const here = selection === "all" ? shown.map(({ user_id }) => user_id) : [...selection];
    const hidden = [...picked].filter((id) => !shown.some(({ user_id }) => user_id === id));
    onPick(new Set([...hidden, ...here.map(String)]));
  }

  return (
    <div className="flex flex-col gap-2">
      <p id="pick-contacts" className="text-md font-medium text-text">
        {t("rooms.people")}
        {picked.size > 0 && (
          <span className="font-normal text-text-2">
            {" · "}
            {t("rooms.picked", { count: picked.size })}
          </span>
        )}
      </p>
      {contacts.length > FEW && (
        <SearchField label={t("chat.search")} value={text} onChange={setText} />
      )}
      <ListBox
        aria-labelledby="pick-contacts"
        selectionMode="multiple"
        selectionBehavior="toggle"
        selectedKeys={picked}
        onSelectionChange={pick}
        items={shown}
        renderEmptyState={() => <p className="px-2.5 py-2 text-md">{t("chat.noMatch")}</p>}
        className="thin-scroll -mx-2 flex max-h-72 flex-col overflow-y-auto outline-none"
      >
        {(contact) => (
          <ListBoxItem
            id={contact.user_id}
            textValue={displayName(contact)}
            className="flex min-h-12 cursor-default items-center gap-3 rounded-field px-2 py-1.5 text-text -outline-offset-2 outline-focus data-focus-visible:outline-2 data-hovered:bg-sunken"
          >
            {({ isSelected }) => (
              <>
                <Avatar name={displayName(contact)} picture={contact.avatar} size={40} />
                <span className="min-w-0 grow">
                  <span className="block truncate font-medium">{displayName(contact)}</span>
                  <span className="block truncate text-sm text-text-2">@{contact.username}</span>
                </span>
                <span
                  aria-hidden="true"
                  className={
                    isSelected
                      ? "grid size-6 place-items-center rounded-full bg-moss text-on-moss"
                      : "size-6 rounded-full border border-edge"
                  }
                >
                  {isSelected && <CheckIcon size={14} weight="bold" />}
                </span>
              </>
            )}
          </ListBoxItem>
        )}
      </ListBox>
    </div>
  );
}
