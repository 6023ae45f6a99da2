import { Collection, Header, ListBox, ListBoxItem, ListBoxSection } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { emojiGroups } from "./emoji";

const titles = {
  nature: "chat.emojiNature",
  faces: "chat.emojiFaces",
  hands: "chat.emojiHands",
  things: "chat.emojiThings",
} as const;

/** One stop for the keyboard; the arrows walk through the grid. */
export function EmojiGrid({ onPick }: { onPick: (emoji: string) => void }) {
  const { t } = useTranslation();
  return (
    <ListBox
      aria-label={t("chat.emoji")}
      layout="grid"
      autoFocus
      selectionMode="none"
      onAction={(emoji) => onPick(String(emoji))}
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
  );
}
