import { IconButton } from "@/components/ui/icon-button";
import { ArrowBendUpLeftIcon } from "@phosphor-icons/react/ArrowBendUpLeft";
import { PencilSimpleIcon } from "@phosphor-icons/react/PencilSimple";
import { XIcon } from "@phosphor-icons/react/X";
import { useTranslation } from "react-i18next";
import { bodyLine } from "./body-line";
import type { Composing } from "./composing";

interface ComposingBarProps {
  composing: Composing;
  nameOf: (user: string) => string;
  onCancel: () => void;
}

/** Above the words: which message they answer or replace. */
export function ComposingBar({ composing, nameOf, onCancel }: ComposingBarProps) {
  const { t } = useTranslation();
  const { kind, entry } = composing;
  const edits = kind === "edit";
  const title = edits
    ? t("message.editing")
    : entry.mine
      ? t("message.replyingToYou")
      : t("message.replyingTo", { name: nameOf(entry.sender) });
  return (
    <div role="status" className="animate-enter mb-2 flex items-center gap-3 px-1">
      <span aria-hidden="true" className="shrink-0 text-moss">
        {edits ? <PencilSimpleIcon size={20} /> : <ArrowBendUpLeftIcon size={20} />}
      </span>
      <div className="min-w-0 grow border-l-[3px] border-moss pl-3 text-md">
        <p className="truncate font-medium text-moss-text">{title}</p>
        <p className="truncate text-text-2">{bodyLine(entry.body, entry.mine, t)}</p>
      </div>
      <IconButton label={t(edits ? "message.endEdit" : "message.endReply")} onPress={onCancel}>
        <XIcon size={18} />
      </IconButton>
    </div>
  );
}
