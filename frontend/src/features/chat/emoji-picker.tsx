import { SmileyIcon } from "@phosphor-icons/react/Smiley";
import { useState } from "react";
import { Button, Dialog, DialogTrigger, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { emojiGroups } from "./emoji";

const titles = {
  nature: "chat.emojiNature",
  faces: "chat.emojiFaces",
  hands: "chat.emojiHands",
  things: "chat.emojiThings",
} as const;

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
        <Dialog
          aria-label={t("chat.emoji")}
          className="thin-scroll max-h-80 overflow-y-auto p-3 outline-none"
        >
          {emojiGroups.map(({ name, emoji }) => (
            <section key={name} aria-label={t(titles[name])} className="pb-2">
              <h3 className="px-1 pb-1 text-xs font-medium text-text-2">{t(titles[name])}</h3>
              <div className="grid grid-cols-8">
                {emoji.split(" ").map((one) => (
                  <Button
                    key={one}
                    onPress={() => {
                      onPick(one);
                      setOpen(false);
                    }}
                    className="grid aspect-square cursor-default place-items-center rounded-chip text-[1.375rem] data-hovered:bg-sunken"
                  >
                    {one}
                  </Button>
                ))}
              </div>
            </section>
          ))}
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
