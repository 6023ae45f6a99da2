import { FilesIcon } from "@phosphor-icons/react/Files";
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { choose } from "./chosen";

interface DropAreaProps {
  conversation: string;
  /** Nothing can be sent here. */
  closed: boolean;
  label: string;
  children: ReactNode;
}

/** A conversation into which files can be dropped. */
export function DropArea({ conversation, closed, label, children }: DropAreaProps) {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  // Each element inside is entered before the one around it is left.
  const depth = useRef(0);

  function moved(event: DragEvent, step: 1 | -1): void {
    if (closed || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    depth.current = Math.max(0, depth.current + step);
    setOver(depth.current > 0);
  }

  function dropped(event: DragEvent): void {
    if (closed || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    depth.current = 0;
    setOver(false);
    void choose(conversation, [...event.dataTransfer.files]);
  }

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- the button does it too
    <section
      aria-label={label}
      className="relative flex min-h-0 min-w-0 grow flex-col bg-canvas"
      onDragEnter={(event) => moved(event, 1)}
      onDragLeave={(event) => moved(event, -1)}
      onDragOver={(event) => {
        if (!closed && event.dataTransfer.types.includes("Files")) event.preventDefault();
      }}
      onDrop={dropped}
    >
      {children}
      {over && (
        <div className="animate-fade pointer-events-none absolute inset-3 z-20 grid place-items-center rounded-card border-2 border-dashed border-moss bg-moss-soft/90 text-moss-text">
          <p className="flex flex-col items-center gap-2 text-lg font-medium">
            <FilesIcon size={40} aria-hidden="true" />
            {t("files.drop")}
          </p>
        </div>
      )}
    </section>
  );
}
