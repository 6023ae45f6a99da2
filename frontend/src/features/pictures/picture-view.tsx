import { fileKey, mediaTypes } from "@/core/picture-file";
import type { Entry, Picture } from "@/core/engine.gen";
import { useTransfer } from "@/core/transfers";
import { classNames } from "@/lib/class-names";
import { ImageBrokenIcon } from "@phosphor-icons/react/ImageBroken";
import { XIcon } from "@phosphor-icons/react/X";
import { useState } from "react";
import { Button } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { boxOf } from "./box";
import { faultKey } from "./fault-key";
import { type PictureBody, type Shown, tryAgain } from "./opened";
import { ProgressRing } from "./progress-ring";
import { useNear, usePicture } from "./use-picture";

interface PictureViewProps {
  entry: Entry;
  body: PictureBody;
  /** "Picture from Ana". */
  label: string;
  sending: boolean;
  onEnlarge: (entry: Entry) => void;
  onCancel: (entry: Entry) => void;
}

/** A picture in a conversation: its room from the first moment on, blurred until it is here. */
export function PictureView({
  entry,
  body,
  label,
  sending,
  onEnlarge,
  onCancel,
}: PictureViewProps) {
  const { t } = useTranslation();
  const [box, near] = useNear<HTMLDivElement>();
  const shown = usePicture(entry, body, near);
  const { picture } = body;
  const { width, height } = boxOf(picture.width, picture.height);
  return (
    <div
      ref={box}
      className="relative isolate max-w-full overflow-hidden rounded-[16px] bg-sunken text-text-2"
      style={{ width, aspectRatio: `${width} / ${height}` }}
    >
      <StandIn picture={picture} />
      {shown.state === "here" && (
        <Button
          aria-label={t("pictures.enlarge", { picture: label })}
          onPress={() => onEnlarge(entry)}
          className="absolute inset-0 cursor-zoom-in -outline-offset-4 data-focus-visible:outline-4"
        >
          <Drawn url={shown.url} alt={label} />
        </Button>
      )}
      {shown.state === "fault" && <Fault entry={entry} body={body} shown={shown} />}
      {(sending || (near && shown.state === "loading")) && (
        <Travels entry={entry} body={body} sending={sending} onCancel={() => onCancel(entry)} />
      )}
    </div>
  );
}

/** The few bytes that came with the message. */
function StandIn({ picture }: { picture: Picture }) {
  if (!picture.preview) return null;
  return (
    <img
      alt=""
      src={`data:${typeOf(picture.preview)};base64,${picture.preview}`}
      className="absolute inset-0 -z-10 size-full scale-110 object-cover blur-md"
    />
  );
}

/** By its first bytes, in base64; anything else is drawn by no browser. */
function typeOf(preview: string): string {
  if (preview.startsWith("/9j/")) return mediaTypes.jpeg;
  return preview.startsWith("iVBORw") ? mediaTypes.png : mediaTypes.webp;
}

function Drawn({ url, alt }: { url: string; alt: string }) {
  const [drawn, setDrawn] = useState(false);
  return (
    <img
      src={url}
      alt={alt}
      onLoad={() => setDrawn(true)}
      className={classNames(
        "size-full object-cover transition-opacity duration-200",
        !drawn && "opacity-0",
      )}
    />
  );
}

function Travels({
  entry,
  body,
  sending,
  onCancel,
}: {
  entry: Entry;
  body: PictureBody;
  sending: boolean;
  onCancel: () => void;
}) {
  const { t } = useTranslation();
  const done = useTransfer(fileKey(entry));
  // Once it is on the server the message follows at once: too late to cancel.
  const cancels = sending && body.attachment_id === null;
  return (
    <div className="pointer-events-none absolute inset-0 grid place-items-center">
      <span className="animate-fade relative grid size-12 place-items-center rounded-full bg-[rgb(14_21_18/.6)] text-[#fff]">
        <ProgressRing done={done} />
        <span className="sr-only">{t(sending ? "pictures.sending" : "pictures.loading")}</span>
        {cancels && (
          <Button
            aria-label={t("pictures.cancel")}
            onPress={onCancel}
            className="pointer-events-auto absolute inset-0 grid cursor-default place-items-center rounded-full"
          >
            <XIcon size={18} weight="bold" />
          </Button>
        )}
      </span>
    </div>
  );
}

interface FaultProps {
  entry: Entry;
  body: PictureBody;
  shown: Shown & { state: "fault" };
}

function Fault({ entry, body, shown }: FaultProps) {
  const { t } = useTranslation();
  return (
    <div className="absolute inset-0 flex flex-col items-center justify-center gap-1.5 bg-surface/85 p-3 text-center text-sm text-text">
      <ImageBrokenIcon size={24} aria-hidden="true" className="shrink-0 text-text-2" />
      {t(faultKey[shown.fault])}
      {shown.fault === "offline" && (
        <Button
          onPress={() => tryAgain(entry, body)}
          className="cursor-default font-medium underline underline-offset-2 pointer-coarse:min-h-11"
        >
          {t("pictures.again")}
        </Button>
      )}
    </div>
  );
}
