import { SmileyIcon } from "@phosphor-icons/react/Smiley";
import { useState } from "react";
import { Button, Dialog, DialogTrigger, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { EmojiGrid } from "./emoji-grid";

/** A button that opens the emoji. */
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
          <EmojiGrid
            onPick={(emoji) => {
              onPick(emoji);
              setOpen(false);
            }}
          />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
