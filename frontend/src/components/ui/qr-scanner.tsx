import { classNames } from "@/lib/class-names";
import { CameraIcon } from "@phosphor-icons/react/Camera";
import { CameraSlashIcon } from "@phosphor-icons/react/CameraSlash";
import { useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button } from "./button";
import { TextField } from "./text-field";
import { useCamera } from "./use-camera";

interface QrScannerProps {
  /** A code was read, or a text pasted and sent. */
  onText: (text: string) => void;
  /** Why the last one was not taken. */
  error?: string | null;
  /** What is being done with the last one. */
  isPending?: boolean;
  /** The name of the field for those who cannot scan. */
  pasteLabel: string;
}

const words = {
  starting: "scan.starting",
  running: "scan.running",
  refused: "scan.refused",
  none: "scan.none",
  busy: "scan.busy",
  failed: "scan.failed",
} as const;

/** Reads a QR code with the camera; a text that does the same can always be pasted instead. */
export function QrScanner({ onText, error, isPending = false, pasteLabel }: QrScannerProps) {
  const { t } = useTranslation();
  const { video, state, mirrored, again } = useCamera((text) => !isPending && onText(text));
  const [pasted, setPasted] = useState("");
  const works = state === "starting" || state === "running";

  return (
    <div className="flex flex-col gap-4">
      <div
        className={classNames(
          "relative mx-auto grid aspect-square w-full max-w-72 place-items-center overflow-hidden rounded-field bg-sunken",
          !works && "hidden",
        )}
      >
        <CameraIcon size={40} aria-hidden="true" className="text-text-3" />
        <video
          ref={video}
          muted
          playsInline
          aria-hidden="true"
          className={classNames(
            "absolute inset-0 size-full object-cover",
            mirrored && "-scale-x-100",
            state !== "running" && "opacity-0",
          )}
        />
        {state === "running" && (
          <span className="absolute inset-[14%] rounded-field border-2 border-[#fff] shadow-[0_0_0_100vmax_rgb(0_0_0/.32)]" />
        )}
      </div>
      <p
        role="status"
        className={classNames(
          "flex items-start gap-2 text-md text-text-2",
          works && "justify-center text-center",
        )}
      >
        {!works && <CameraSlashIcon size={20} aria-hidden="true" className="shrink-0" />}
        {t(words[state])}
      </p>
      {!works && state !== "none" && (
        <div className="flex justify-center">
          <Button size="small" onPress={again}>
            {t("scan.again")}
          </Button>
        </div>
      )}
      <Form
        validationBehavior="aria"
        className="flex flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          const text = pasted.trim();
          if (text && !isPending) onText(text);
        }}
      >
        <TextField
          label={pasteLabel}
          value={pasted}
          onChange={setPasted}
          error={error ?? null}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck="false"
        />
        <Button type="submit" isPending={isPending} isDisabled={!pasted.trim()}>
          {t("scan.usePasted")}
        </Button>
      </Form>
    </div>
  );
}
