import { PaperclipIcon } from "@phosphor-icons/react/Paperclip";
import { Button, FileTrigger } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { choose } from "./chosen";

interface AttachButtonProps {
  conversation: string;
  /** Something was chosen: the words are next. */
  onChosen: () => void;
}

/** Opens the system's dialog for files. */
export function AttachButton({ conversation, onChosen }: AttachButtonProps) {
  const { t } = useTranslation();
  return (
    <FileTrigger
      allowsMultiple
      onSelect={(files) => {
        void choose(conversation, [...(files ?? [])]);
        onChosen();
      }}
    >
      <Button
        aria-label={t("files.attach")}
        className="my-[3px] mr-[3px] grid size-10 shrink-0 cursor-default place-items-center rounded-full text-text-2 data-hovered:bg-sunken data-hovered:text-text"
      >
        <PaperclipIcon size={22} />
      </Button>
    </FileTrigger>
  );
}
