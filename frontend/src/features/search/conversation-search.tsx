import { IconButton } from "@/components/ui/icon-button";
import { SearchField } from "@/components/ui/search-field";
import { jumpTo } from "@/features/chat/jump";
import { CaretDownIcon } from "@phosphor-icons/react/CaretDown";
import { CaretUpIcon } from "@phosphor-icons/react/CaretUp";
import { XIcon } from "@phosphor-icons/react/X";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { prepareSearch, useMessageSearch } from "./use-message-search";

interface ConversationSearchProps {
  conversation: string;
  name: string;
  onClose: () => void;
}

/** Goes from message to message that holds the words, from the newest back. */
export function ConversationSearch({ conversation, name, onClose }: ConversationSearchProps) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const { hits, total, failed, loadMore } = useMessageSearch(text, conversation);
  const shown = total === null ? null : (hits[at]?.position ?? null);
  useEffect(prepareSearch, []);

  // The first one as soon as it is found, then each that is gone to.
  useEffect(() => {
    if (shown !== null) jumpTo(conversation, shown);
  }, [conversation, shown]);

  function go(step: 1 | -1): void {
    const next = at + step;
    if (next < 0 || next >= (total ?? 0)) return;
    if (next >= hits.length - 1) loadMore?.();
    if (next < hits.length) setAt(next);
  }

  return (
    <search
      aria-label={t("search.inside", { name })}
      className="flex shrink-0 items-center gap-1 border-b border-line bg-surface px-2 py-2 md:px-5"
    >
      <div className="min-w-0 grow">
        <SearchField
          label={t("search.inside", { name })}
          value={text}
          onChange={(next) => {
            setText(next);
            setAt(0);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter") go(event.shiftKey ? -1 : 1);
            else if (event.key === "Escape" && text === "") onClose();
            else event.continuePropagation();
          }}
          autoFocus
        />
      </div>
      <p role="status" className="shrink-0 px-2 text-sm text-text-2 tabular-nums">
        {failed && t("search.failed")}
        {!failed && total === 0 && t("search.none")}
        {!failed && total !== null && total > 0 && t("search.place", { place: at + 1, total })}
      </p>
      <IconButton
        label={t("search.older")}
        isDisabled={at + 1 >= (total ?? 0)}
        onPress={() => go(1)}
      >
        <CaretUpIcon size={20} />
      </IconButton>
      <IconButton label={t("search.newer")} isDisabled={at === 0} onPress={() => go(-1)}>
        <CaretDownIcon size={20} />
      </IconButton>
      <IconButton label={t("search.close")} onPress={onClose}>
        <XIcon size={20} />
      </IconButton>
    </search>
  );
}
