import { IconButton } from "@/components/ui/icon-button";
import { ArrowLeftIcon } from "@phosphor-icons/react/ArrowLeft";
import { MagnifyingGlassIcon } from "@phosphor-icons/react/MagnifyingGlass";
import { SidebarSimpleIcon } from "@phosphor-icons/react/SidebarSimple";
import { useNavigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface ConversationHeaderProps {
  name: string;
  /** Beside the name. */
  mark?: ReactNode;
  avatar: ReactNode;
  /** Under the name. */
  line: ReactNode;
  onSearch: () => void;
  detailsOpen: boolean;
  /** Without it there are none. */
  onDetails: (() => void) | null;
  menu?: ReactNode;
}

/** The head of a conversation: with whom, and what one may do with it. */
export function ConversationHeader({
  name,
  mark,
  avatar,
  line,
  onSearch,
  detailsOpen,
  onDetails,
  menu,
}: ConversationHeaderProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <header className="flex h-14 shrink-0 items-center gap-3 border-b border-line bg-surface px-2 md:h-16 md:px-5">
      <span className="md:hidden">
        <IconButton label={t("chat.back")} onPress={() => void navigate({ to: "/chat" })}>
          <ArrowLeftIcon size={22} />
        </IconButton>
      </span>
      {avatar}
      <div className="min-w-0 grow">
        <div className="flex items-center gap-0.5">
          <h1 className="truncate text-input/5 font-strong">{name}</h1>
          {mark}
        </div>
        <p className="truncate text-sm text-text-2">{line}</p>
      </div>
      <IconButton label={t("search.open")} onPress={onSearch}>
        <MagnifyingGlassIcon size={22} />
      </IconButton>
      {onDetails && (
        <IconButton
          label={detailsOpen ? t("chat.closeDetails") : t("chat.more", { name })}
          aria-expanded={detailsOpen}
          onPress={onDetails}
        >
          <SidebarSimpleIcon size={22} mirrored weight={detailsOpen ? "fill" : "regular"} />
        </IconButton>
      )}
      {menu}
    </header>
  );
}
