import { Avatar } from "@/components/ui/avatar";
import { IconButton } from "@/components/ui/icon-button";
import { ContactMenu } from "@/features/people/contact-menu";
import { Presence } from "@/features/people/presence";
import type { Contact } from "@/protocol.gen";
import { ArrowLeftIcon } from "@phosphor-icons/react/ArrowLeft";
import { SidebarSimpleIcon } from "@phosphor-icons/react/SidebarSimple";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useIsTyping } from "./typing-line";

interface ConversationHeaderProps {
  id: string;
  name: string;
  contact: Contact | null;
  detailsOpen: boolean;
  onDetails: () => void;
}

export function ConversationHeader({
  id,
  name,
  contact,
  detailsOpen,
  onDetails,
}: ConversationHeaderProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const typing = useIsTyping(id);
  return (
    <header className="flex h-14 shrink-0 items-center gap-3 border-b border-line bg-surface px-2 md:h-16 md:px-5">
      <span className="md:hidden">
        <IconButton label={t("chat.back")} onPress={() => void navigate({ to: "/chat" })}>
          <ArrowLeftIcon size={22} />
        </IconButton>
      </span>
      <Avatar
        name={name}
        picture={contact?.avatar ?? null}
        size={40}
        online={contact?.online ?? false}
      />
      <div className="min-w-0 grow">
        <h1 className="truncate text-input/5 font-strong">{name}</h1>
        <p className="truncate text-sm text-text-2">
          {typing && t("chat.typingShort")}
          {!typing && contact && <Presence contact={contact} />}
        </p>
      </div>
      {contact && (
        <IconButton
          label={detailsOpen ? t("chat.closeDetails") : t("chat.more", { name })}
          aria-expanded={detailsOpen}
          onPress={onDetails}
        >
          <SidebarSimpleIcon size={22} mirrored weight={detailsOpen ? "fill" : "regular"} />
        </IconButton>
      )}
      {contact && <ContactMenu contact={contact} />}
    </header>
  );
}
