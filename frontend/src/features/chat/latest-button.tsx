import { ArrowDownIcon } from "@phosphor-icons/react/ArrowDown";
import { Button } from "react-aria-components";
import { useTranslation } from "react-i18next";

interface LatestButtonProps {
  unread: number;
  onPress: () => void;
}

/** Leads down to the newest messages, and says how many are new. */
export function LatestButton({ unread, onPress }: LatestButtonProps) {
  const { t } = useTranslation();
  const words = unread > 0 ? t("chat.newMessages", { count: unread }) : null;
  return (
    <Button
      onPress={onPress}
      aria-label={words ? `${t("chat.latest")}. ${words}` : t("chat.latest")}
      className="animate-enter absolute right-4 bottom-3 flex h-11 min-w-11 cursor-default items-center justify-center gap-2 rounded-full bg-surface px-3 text-md text-text shadow-popover data-hovered:bg-sunken"
    >
      {words && <span className="pl-1">{words}</span>}
      <ArrowDownIcon size={20} />
    </Button>
  );
}
