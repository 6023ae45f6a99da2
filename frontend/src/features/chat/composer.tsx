import { IconButton } from "@/components/ui/icon-button";
import { PaperPlaneRightIcon } from "@phosphor-icons/react/PaperPlaneRight";
import { type ClipboardEvent, type KeyboardEvent, useLayoutEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { PreparedPicture } from "@/core/picture-file";
import { AttachButton } from "@/features/pictures/attach-button";
import { choose, takeChosen, useTray } from "@/features/pictures/chosen";
import { Tray } from "@/features/pictures/tray";
import { limits } from "@/protocol.gen";
import { useMedia } from "@/lib/use-media";
import { EmojiPicker } from "./emoji-picker";
import { setDraft, useDraft } from "./drafts";
import { useTyping } from "./use-typing";

interface ComposerProps {
  id: string;
  name: string;
  onSend: (text: string) => void;
  onSendPicture: (picture: PreparedPicture, caption: string) => void;
}

/** What fits in one message with room for its envelope. */
const MOST = 60_000;

export function Composer({ id, name, onSend, onSendPicture }: ComposerProps) {
  const { t } = useTranslation();
  const text = useDraft(id);
  const { chosen } = useTray(id);
  const preparing = chosen.some(({ ready }) => !ready);
  const typing = useTyping(id);
  const field = useRef<HTMLTextAreaElement>(null);
  const touch = useMedia("(pointer: coarse)");
  const tooLong = text.length > MOST / 4 && new TextEncoder().encode(text).length > MOST;

  useLayoutEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, 168)}px`;
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- the height follows the text
  }, [text]);

  useLayoutEffect(() => {
    if (!touch) field.current?.focus();
  }, [touch]);

  function edit(next: string): void {
    setDraft(id, next);
    typing(next.trim() !== "");
  }

  function send(): void {
    field.current?.focus();
    if (tooLong || preparing) return;
    const words = text.trim();
    const pictures = takeChosen(id);
    // What is too long for a caption follows on its own.
    const caption = fitsCaption(words) ? words : "";
    for (const [index, picture] of pictures.entries()) {
      onSendPicture(picture, index === pictures.length - 1 ? caption : "");
    }
    if (words && (pictures.length === 0 || caption !== words)) onSend(words);
    if (!words && pictures.length === 0) return;
    setDraft(id, "");
    typing(false);
  }

  function pressed(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
    if (event.shiftKey || touch) return;
    event.preventDefault();
    send();
  }

  function pasted(event: ClipboardEvent): void {
    const files = [...event.clipboardData.files];
    // Programs that copy words add a picture of them.
    if (files.length === 0 || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    void choose(id, files);
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
      <Tray conversation={id} />
      <div className="flex items-end gap-2">
        <div className="flex min-w-0 grow items-end rounded-[24px] border border-edge bg-surface has-[textarea:focus-visible]:border-focus has-[textarea:focus-visible]:outline has-[textarea:focus-visible]:outline-focus">
          <EmojiPicker onPick={insert} />
          <textarea
            ref={field}
            rows={1}
            value={text}
            aria-label={t("chat.compose", { name })}
            placeholder={chosen.length > 0 ? t("pictures.caption") : t("chat.compose", { name })}
            onChange={(event) => edit(event.target.value)}
            onKeyDown={pressed}
            onPaste={pasted}
            onBlur={() => typing(false)}
            enterKeyHint={touch ? "enter" : "send"}
            className="thin-scroll min-h-[46px] grow resize-none bg-transparent py-[11px] pr-1 text-input text-text outline-none placeholder:text-text-3"
          />
          <AttachButton
            conversation={id}
            onChosen={() => requestAnimationFrame(() => field.current?.focus())}
          />
        </div>
        <span className="grid size-12 place-items-center [&>button]:size-12">
          <IconButton
            type="submit"
            look="ember"
            round
            label={t("chat.send")}
            isDisabled={tooLong || preparing}
          >
            <PaperPlaneRightIcon size={20} weight="fill" />
          </IconButton>
        </span>
      </div>
    </form>
  );
}

function fitsCaption(text: string): boolean {
  return new TextEncoder().encode(text).length <= limits.PICTURE_CAPTION;
}
