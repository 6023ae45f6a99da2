import { SmileyIcon } from "@phosphor-icons/react/Smiley";
import { useState } from "react";
import {
  Button,
  Collection,
  Dialog,
  DialogTrigger,
  Header,
  ListBox,
  ListBoxItem,
  ListBoxSection,
  Popover,
} from "react-aria-components";
import { useTranslation } from "react-i18next";
import { emojiGroups } from "./emoji";

const titles = {
  nature: "chat.emojiNature",
  faces: "chat.emojiFaces",
  hands: "chat.emojiHands",
  things: "chat.emojiThings",
} as const;

/** One stop for the keyboard; the arrows walk through the grid. */
export function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <Button
        aria-label={t("chat.emoji")}
        className="m-[3px] grid size-10 shrink-0 cursor-default place-items-center rounded-full text-text-2 data-hovered:bg-sunken data-hovered:text-text"
      >
        <SmileyIcon size={22} />
      </Button>
      <Popover
        placement="top start"
        offset={10}
        className="animate-enter w-[min(360px,calc(100vw-24px))] rounded-bubble bg-surface shadow-popover"
      >
        <Dialog aria-label={t("chat.emoji")} className="outline-none">
          <ListBox
            aria-label={t("chat.emoji")}
            layout="grid"
            autoFocus
            selectionMode="none"
            onAction={(emoji) => {
              onPick(String(emoji));
              setOpen(false);
            }}
            className="thin-scroll max-h-80 overflow-y-auto p-3 outline-none"
          >
            {emojiGroups.map(({ name, emoji }) => (
              <ListBoxSection key={name} className="grid grid-cols-8 pb-2">
                <Header className="col-span-8 px-1 pb-1 text-xs font-medium text-text-2">
                  {t(titles[name])}
                </Header>
                <Collection items={emoji.split(" ").map((id) => ({ id }))}>
                  {({ id }) => (
                    <ListBoxItem
                      textValue={id}
                      className="grid aspect-square cursor-default place-items-center rounded-chip text-[1.375rem] outline-none data-focus-visible:outline-2 data-focus-visible:-outline-offset-2 data-focus-visible:outline-focus data-hovered:bg-sunken"
                    >
                      {id}
                    </ListBoxItem>
                  )}
                </Collection>
              </ListBoxSection>
            ))}
          </ListBox>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
