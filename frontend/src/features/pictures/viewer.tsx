import type { Entry } from "@/core/engine.gen";
import { useLocale } from "@/i18n/use-locale";
import { classNames } from "@/lib/class-names";
import { download } from "@/lib/download";
import { dateTime } from "@/lib/format";
import { CaretLeftIcon } from "@phosphor-icons/react/CaretLeft";
import { CaretRightIcon } from "@phosphor-icons/react/CaretRight";
import { DownloadSimpleIcon } from "@phosphor-icons/react/DownloadSimple";
import { XIcon } from "@phosphor-icons/react/X";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { Button, Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { faultKey } from "./fault-key";
import { fileName } from "./file-name";
import type { PictureBody, Shown } from "./opened";
import { ProgressRing } from "./progress-ring";
import { usePicture } from "./use-picture";

interface ViewerProps {
  /** The pictures of the conversation that are here, as they follow each other. */
  pictures: readonly Entry[];
  at: Entry;
  nameOf: (user: string) => string;
  onMove: (to: Entry) => void;
  onClose: () => void;
}

/** One picture as large as the screen allows; the arrow keys go to its neighbours. */
export function Viewer({ pictures, at, nameOf, onMove, onClose }: ViewerProps) {
  const place = pictures.findIndex(({ key }) => key === at.key);
  const [before, after] = [pictures[place - 1], place < 0 ? undefined : pictures[place + 1]];

  function pressed(event: KeyboardEvent): void {
    const to = { ArrowLeft: before, ArrowRight: after }[event.key];
    if (to) onMove(to);
  }

  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={(open) => !open && onClose()}
      className="animate-fade fixed inset-0 z-50 bg-[#080c0a] text-[#fff] [--focus:#bfe3ff]"
    >
      <Modal className="size-full">
        <Dialog className="flex size-full flex-col outline-none">
          {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- keys of the dialog */}
          <div className="flex min-h-0 grow flex-col" onKeyDown={pressed}>
            <Stage
              key={at.key}
              entry={at}
              author={nameOf(at.sender)}
              before={before && (() => onMove(before))}
              after={after && (() => onMove(after))}
              onClose={onClose}
            />
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

interface StageProps {
  entry: Entry;
  author: string;
  before: (() => void) | undefined;
  after: (() => void) | undefined;
  onClose: () => void;
}

function Stage({ entry, author, before, after, onClose }: StageProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const body = entry.body as PictureBody;
  const shown = usePicture(entry, body, true);
  const label = entry.mine ? t("pictures.mine") : t("pictures.from", { name: author });
  const { caption, kind } = body.picture;
  return (
    <>
      <header className="flex items-center gap-1 px-3 pt-[max(12px,env(safe-area-inset-top))] pb-2">
        <div className="min-w-0 grow px-2">
          <Heading slot="title" className="truncate font-medium">
            {label}
          </Heading>
          <time
            dateTime={new Date(entry.sent_at).toISOString()}
            className="text-sm text-[rgb(255_255_255/.8)]"
          >
            {dateTime(entry.sent_at, locale)}
          </time>
        </div>
        {shown.state === "here" && (
          <Tool
            label={t("pictures.download")}
            onPress={() => download(shown.file, fileName(entry.sent_at, kind))}
          >
            <DownloadSimpleIcon size={22} />
          </Tool>
        )}
        <Tool label={t("pictures.close")} onPress={onClose} autoFocus>
          <XIcon size={22} />
        </Tool>
      </header>
      <div className="relative flex min-h-0 grow">
        <Large shown={shown} label={label} />
        {before && (
          <Tool label={t("pictures.previous")} onPress={before} side="left-2">
            <CaretLeftIcon size={22} />
          </Tool>
        )}
        {after && (
          <Tool label={t("pictures.next")} onPress={after} side="right-2">
            <CaretRightIcon size={22} />
          </Tool>
        )}
      </div>
      <p className="thin-scroll mx-auto max-h-[22dvh] max-w-[760px] overflow-y-auto px-6 pt-3 pb-[max(16px,env(safe-area-inset-bottom))] text-center whitespace-pre-wrap [overflow-wrap:anywhere]">
        {caption}
      </p>
    </>
  );
}

/** Fits the screen; pressed, it shows every pixel and can be moved about. */
function Large({ shown, label }: { shown: Shown; label: string }) {
  const { t } = useTranslation();
  const [full, setFull] = useState(false);
  if (shown.state !== "here") {
    return (
      <div className="grid size-full place-items-center">
        {shown.state === "loading" ? (
          <ProgressRing done={null} />
        ) : (
          <p>{t(faultKey[shown.fault])}</p>
        )}
      </div>
    );
  }
  return (
    <div className={classNames("flex size-full", full ? "overflow-auto" : "overflow-hidden px-3")}>
      <Button
        aria-label={t(full ? "pictures.zoomOut" : "pictures.zoomIn")}
        onPress={() => setFull(!full)}
        className={classNames(
          "m-auto -outline-offset-2",
          full ? "shrink-0 cursor-zoom-out" : "flex h-full max-w-full cursor-zoom-in items-center",
        )}
      >
        <img
          src={shown.url}
          alt={label}
          className={full ? "max-w-none" : "max-h-full max-w-full object-contain"}
        />
      </Button>
    </div>
  );
}

interface ToolProps {
  label: string;
  onPress: () => void;
  children: ReactNode;
  /** Beside the picture instead of above it. */
  side?: string;
  autoFocus?: boolean;
}

function Tool({ label, onPress, children, side, autoFocus }: ToolProps) {
  return (
    <Button
      aria-label={label}
      onPress={onPress}
      autoFocus={autoFocus ?? false}
      className={classNames(
        "grid size-11 shrink-0 cursor-default place-items-center rounded-full data-hovered:bg-[rgb(255_255_255/.15)] data-pressed:scale-95",
        side && `absolute top-1/2 -translate-y-1/2 bg-[rgb(14_21_18/.6)] ${side}`,
      )}
    >
      {children}
    </Button>
  );
}
