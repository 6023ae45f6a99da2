import type { Entry } from "@/core/engine.gen";
import { fileKey, type OpenFault } from "@/core/picture-file";
import { useTransfer } from "@/core/transfers";
import { ProgressRing } from "@/features/pictures/progress-ring";
import { useLocale } from "@/i18n/use-locale";
import { DownloadSimpleIcon } from "@phosphor-icons/react/DownloadSimple";
import { XIcon } from "@phosphor-icons/react/X";
import type { ReactNode } from "react";
import { Button } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { type FileBody, save, stop, useDownload } from "./downloads";
import { FileIcon } from "./file-icon";
import { fileSize } from "./file-size";

const faults = {
  offline: "files.offline",
  gone: "files.gone",
  damaged: "files.damaged",
} as const satisfies Record<Exclude<OpenFault, "stopped">, string>;

interface FileViewProps {
  entry: Entry;
  body: FileBody;
  sending: boolean;
  onCancel: (entry: Entry) => void;
}

/** A file in a conversation: what it is called, how large it is, and the way to have it. */
export function FileView({ entry, body, sending, onCancel }: FileViewProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const download = useDownload(entry);
  const { name, size } = body.file;
  const loading = download.state === "loading";
  // Once it is on the server the message follows at once: too late to cancel.
  const cancels = sending && body.attachment_id === null;
  return (
    <div className="flex w-[min(280px,64vw)] max-w-full flex-col gap-1">
      <div className="flex items-center gap-3 py-1">
        {sending || loading ? (
          <Travels
            entry={entry}
            words={t(sending ? "files.sending" : "files.loading")}
            cancel={
              sending
                ? cancels && t("files.cancelSending", { name })
                : t("files.cancelLoading", { name })
            }
            onCancel={() => (sending ? onCancel(entry) : stop(entry))}
          />
        ) : (
          <Round label={t("files.download", { name })} onPress={() => void save(entry, body)}>
            <DownloadSimpleIcon size={20} aria-hidden="true" />
          </Round>
        )}
        <span className="min-w-0 grow">
          <span className="line-clamp-2 font-medium [overflow-wrap:anywhere]">{name}</span>
          <span className="flex items-center gap-1 text-sm opacity-90">
            <FileIcon name={name} size={16} />
            {fileSize(size, locale)}
          </span>
        </span>
      </div>
      {download.state === "fault" && (
        <p role="alert" className="flex flex-wrap gap-x-2 text-sm">
          {t(faults[download.fault])}
          {download.fault === "offline" && (
            <Button
              onPress={() => void save(entry, body)}
              className="cursor-default font-medium underline underline-offset-2 pointer-coarse:min-h-11"
            >
              {t("files.again")}
            </Button>
          )}
        </p>
      )}
    </div>
  );
}

interface TravelsProps {
  entry: Entry;
  words: string;
  /** What the button says that stops it; without it there is none. */
  cancel: string | false;
  onCancel: () => void;
}

function Travels({ entry, words, cancel, onCancel }: TravelsProps) {
  const done = useTransfer(fileKey(entry));
  return (
    <span className="relative grid size-11 shrink-0 place-items-center">
      <ProgressRing done={done} />
      <span className="sr-only">{words}</span>
      {cancel && (
        <span className="absolute inset-0 grid place-items-center">
          <Round label={cancel} onPress={onCancel} plain>
            <XIcon size={16} weight="bold" aria-hidden="true" />
          </Round>
        </span>
      )}
    </span>
  );
}

interface RoundProps {
  label: string;
  /** Without a ground of its own. */
  plain?: boolean;
  onPress: () => void;
  children: ReactNode;
}

function Round({ label, plain = false, onPress, children }: RoundProps) {
  return (
    <Button
      aria-label={label}
      onPress={onPress}
      className={`grid size-11 shrink-0 cursor-default place-items-center rounded-full transition data-pressed:scale-95 ${
        plain ? "" : "border border-current/40 data-hovered:bg-current/10"
      }`}
    >
      {children}
    </Button>
  );
}
