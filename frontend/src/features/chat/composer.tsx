import { IconButton } from "@/components/ui/icon-button";
import type { MessageRef } from "@/core/engine.gen";
import { AttachButton } from "@/features/files/attach-button";
import { choose, takeChosen, useTray } from "@/features/files/chosen";
import { Tray } from "@/features/files/tray";
import { useMedia } from "@/lib/use-media";
import { CheckIcon } from "@phosphor-icons/react/Check";
import { PaperPlaneRightIcon } from "@phosphor-icons/react/PaperPlaneRight";
import { type ClipboardEvent, type KeyboardEvent, useEffect, useLayoutEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { endComposing, setEditText, useComposing } from "./composing";
import { ComposingBar } from "./composing-bar";
import { setDraft, useDraft } from "./drafts";
import { EmojiPicker } from "./emoji-picker";
import { type Outgoing, outgoingOf } from "./outgoing";
import { useTyping } from "./use-typing";

interface ComposerProps {
  id: string;
  name: string;
  nameOf: (user: string) => string;
  onSend: (messages: Outgoing[], replyTo: MessageRef | null) => void;
  /** Other words for a message that was sent. */
  onEdit: (id: string, text: string) => void;
  /** Begins to edit the last message of one's own. */
  onEditLast: () => void;
}

/** As high as its words, up to seven lines. */
function fit(area: HTMLTextAreaElement): void {
  area.style.height = "auto";
  area.style.height = `${Math.min(area.scrollHeight, 168)}px`;
}

/** What fits in one message with room for its envelope. */
const MOST = 60_000;

/** Where a message is written, edited and sent, with the files that go along. */
export function Composer({ id, name, nameOf, onSend, onEdit, onEditLast }: ComposerProps) {
  const { t } = useTranslation();
  const draft = useDraft(id);
  const composing = useComposing(id);
  const edited = composing?.kind === "edit" ? composing : null;
  const text = edited ? edited.text : draft;
  const { chosen } = useTray(id);
  const preparing = chosen.some(({ ready }) => !ready);
  const typing = useTyping(id);
  const field = useRef<HTMLTextAreaElement>(null);
  const touch = useMedia("(pointer: coarse)");
  const tooLong = text.length > MOST / 4 && new TextEncoder().encode(text).length > MOST;
  const cannot = tooLong || (edited ? edited.text.trim() === "" : preparing);

  useLayoutEffect(() => {
    if (field.current) fit(field.current);
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- the height follows the text
  }, [text]);

  // Turned around, or with the details beside it, the same words take other lines.
  useEffect(() => {
    const area = field.current;
    if (!area) return;
    let width = area.clientWidth;
    const observer = new ResizeObserver(() => {
      if (area.clientWidth === width) return;
      width = area.clientWidth;
      requestAnimationFrame(() => fit(area));
    });
    observer.observe(area);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    if (!touch) field.current?.focus();
  }, [touch]);

  // Whoever answers or edits wants to write. A menu that closes gives the focus back first.
  const about = composing && `${composing.kind} ${composing.entry.key}`;
  useEffect(() => {
    if (!about) return;
    const timer = setTimeout(() => {
      const area = field.current;
      area?.focus();
      area?.setSelectionRange(area.value.length, area.value.length);
    }, 50);
    return () => clearTimeout(timer);
  }, [about]);

  function edit(next: string): void {
    if (edited) return setEditText(id, next);
    setDraft(id, next);
    typing(next.trim() !== "");
  }

  function send(): void {
    field.current?.focus();
    if (cannot) return;
    if (edited) {
      const words = edited.text.trim();
      const { body } = edited.entry;
      if (body.type === "text" && words !== body.text) onEdit(edited.entry.id, words);
      return endComposing(id);
    }
    const messages = outgoingOf(text, takeChosen(id));
    if (messages.length === 0) return;
    const answered = composing?.entry;
    onSend(messages, answered ? { sender: answered.sender, id: answered.id } : null);
    endComposing(id);
    setDraft(id, "");
    typing(false);
  }

  function pressed(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape" && composing) {
      event.preventDefault();
      endComposing(id);
    } else if (event.key === "ArrowUp" && text === "" && !composing && chosen.length === 0) {
      event.preventDefault();
      onEditLast();
    } else if (event.key === "Enter" && !event.shiftKey && !touch) {
      event.preventDefault();
      send();
    }
  }

  function pasted(event: ClipboardEvent): void {
    const files = [...event.clipboardData.files];
    // Programs that copy words add a picture of them.
    if (files.length === 0 || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    if (!edited) void choose(id, files);
  }

  function insert(emoji: string): void {
    const area = field.current;
    const [start, end] = [area?.selectionStart ?? text.length, area?.selectionEnd ?? text.length];
    edit(text.slice(0, start) + emoji + text.slice(end));
    requestAnimationFrame(() => {
      area?.focus();
      area?.setSelectionRange(start + emoji.length, start + emoji.length);
    });
  }

  return (
    <form
      className="mx-auto w-full max-w-[760px] px-4 pt-2 pb-[max(16px,env(safe-area-inset-bottom))]"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {tooLong && (
        <p role="alert" className="px-4 pb-2 text-sm text-danger">
          {t("chat.tooLong")}
        </p>
      )}
      {composing && (
        <ComposingBar composing={composing} nameOf={nameOf} onCancel={() => endComposing(id)} />
      )}
      {!edited && <Tray conversation={id} />}
      <div className="flex items-end gap-2">
        <div className="flex min-w-0 grow items-end rounded-[24px] border border-edge bg-surface has-[textarea:focus-visible]:border-focus has-[textarea:focus-visible]:outline has-[textarea:focus-visible]:outline-focus">
          <EmojiPicker onPick={insert} />
          <textarea
            ref={field}
            rows={1}
            value={text}
            aria-label={edited ? t("message.editing") : t("chat.compose", { name })}
            placeholder={
              chosen.length > 0 && !edited ? t("files.caption") : t("chat.compose", { name })
            }
            onChange={(event) => edit(event.target.value)}
            onKeyDown={pressed}
            onPaste={pasted}
            onBlur={() => typing(false)}
            enterKeyHint={touch ? "enter" : "send"}
            className="thin-scroll min-h-[46px] grow resize-none bg-transparent py-[11px] pr-1 text-input text-ellipsis text-text outline-none placeholder:truncate placeholder:text-text-3"
          />
          {!edited && (
            <AttachButton
              conversation={id}
              onChosen={() => requestAnimationFrame(() => field.current?.focus())}
            />
          )}
        </div>
        <span className="grid size-12 place-items-center [&>button]:size-12">
          <IconButton
            type="submit"
            look="ember"
            round
            label={t(edited ? "message.save" : "chat.send")}
            isDisabled={cannot}
          >
            {edited ? (
              <CheckIcon size={20} weight="bold" />
            ) : (
              <PaperPlaneRightIcon size={20} weight="fill" />
            )}
          </IconButton>
        </span>
      </div>
    </form>
  );
}
