import { MenuItem } from "@/components/ui/menu";
import type { Entry } from "@/core/engine.gen";
import { ArrowBendUpLeftIcon } from "@phosphor-icons/react/ArrowBendUpLeft";
import { CopyIcon } from "@phosphor-icons/react/Copy";
import { PencilSimpleIcon } from "@phosphor-icons/react/PencilSimple";
import { PlusIcon } from "@phosphor-icons/react/Plus";
import { SmileyIcon } from "@phosphor-icons/react/Smiley";
import { TrashIcon } from "@phosphor-icons/react/Trash";
import { useRef, useState } from "react";
import { Button, Dialog, Menu, Popover, ToggleButton } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { actsOf } from "./acts";
import { quickEmoji } from "./emoji";
import { EmojiGrid } from "./emoji-grid";

/** Whose menu is open, and what it hangs from. */
export interface MenuPlace {
  entry: Entry;
  anchor: HTMLElement;
}

export type MessageAct = "reply" | "edit" | "copy" | "delete" | "reactions";

interface MessageMenuProps {
  place: MenuPlace;
  closed: boolean;
  /** "message from Ana". */
  label: string;
  onReact: (entry: Entry, emoji: string, on: boolean) => void;
  onAct: (act: MessageAct, entry: Entry) => void;
  onClose: () => void;
}

/** Reactions at hand, and what else can be done with a message. */
export function MessageMenu({ place, closed, label, onReact, onAct, onClose }: MessageMenuProps) {
  const { t } = useTranslation();
  const { entry, anchor } = place;
  const trigger = useRef(anchor);
  const [now] = useState(Date.now);
  const [picking, setPicking] = useState(false);
  const acts = actsOf(entry, { closed, now });
  const mine = entry.reactions?.find((it) => it.mine)?.emoji;

  function react(emoji: string): void {
    onClose();
    onReact(entry, emoji, emoji !== mine);
  }

  function act(what: MessageAct): void {
    onClose();
    onAct(what, entry);
  }

  return (
    <Popover
      triggerRef={trigger}
      isOpen
      onOpenChange={(open) => !open && onClose()}
      placement={entry.mine ? "bottom end" : "bottom start"}
      offset={4}
      className="animate-enter w-[min(320px,calc(100vw-24px))] rounded-bubble bg-surface shadow-popover"
    >
      <Dialog aria-label={label} className="outline-none">
        {picking ? (
          <EmojiGrid onPick={react} />
        ) : (
          <>
            {acts.react && (
              <div
                role="group"
                aria-label={t("message.react")}
                className="flex justify-between border-b border-line p-1.5"
              >
                {quickEmoji.map((emoji) => (
                  <ToggleButton
                    key={emoji}
                    aria-label={emoji}
                    isSelected={emoji === mine}
                    onChange={() => react(emoji)}
                    className="grid size-10 cursor-default place-items-center rounded-full text-[1.375rem] transition data-hovered:bg-sunken data-pressed:scale-90 data-selected:bg-moss-soft data-selected:ring-2 data-selected:ring-moss"
                  >
                    {emoji}
                  </ToggleButton>
                ))}
                <Button
                  aria-label={t("message.moreEmoji")}
                  onPress={() => setPicking(true)}
                  className="grid size-10 cursor-default place-items-center rounded-full text-text-2 data-hovered:bg-sunken"
                >
                  <PlusIcon size={20} />
                </Button>
              </div>
            )}
            <Menu aria-label={label} autoFocus="first" className="p-1.5 outline-none">
              {acts.reply && (
                <MenuItem icon={<ArrowBendUpLeftIcon size={20} />} onAction={() => act("reply")}>
                  {t("message.reply")}
                </MenuItem>
              )}
              {acts.edit && (
                <MenuItem icon={<PencilSimpleIcon size={20} />} onAction={() => act("edit")}>
                  {t("message.edit")}
                </MenuItem>
              )}
              {acts.copy !== null && (
                <MenuItem icon={<CopyIcon size={20} />} onAction={() => act("copy")}>
                  {t("message.copy")}
                </MenuItem>
              )}
              {entry.reactions && entry.reactions.length > 0 && (
                <MenuItem icon={<SmileyIcon size={20} />} onAction={() => act("reactions")}>
                  {t("message.whoReacted")}
                </MenuItem>
              )}
              {acts.remove && (
                <MenuItem danger icon={<TrashIcon size={20} />} onAction={() => act("delete")}>
                  {t("message.delete")}
                </MenuItem>
              )}
            </Menu>
          </>
        )}
      </Dialog>
    </Popover>
  );
}
