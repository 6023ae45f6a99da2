import { classNames } from "@/lib/class-names";
import { useEscape } from "@/lib/use-hot-key";
import { XIcon } from "@phosphor-icons/react/X";
import { type ReactNode, useEffect, useRef } from "react";
import { IconButton } from "./icon-button";

interface SidePaneProps {
  label: string;
  closeLabel: string;
  /** Lies over what is beside it, and takes the focus. */
  overlay: boolean;
  /** A dialog of the pane is open: Escape is the dialog's. */
  asking: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** What stands beside a conversation and tells more about it. */
export function SidePane({ label, closeLabel, overlay, asking, onClose, children }: SidePaneProps) {
  const pane = useRef<HTMLElement>(null);
  useEscape(overlay && !asking, onClose);
  useEffect(() => {
    if (overlay) pane.current?.focus();
  }, [overlay]);

  return (
    <aside
      ref={pane}
      tabIndex={-1}
      aria-label={label}
      className={classNames(
        "thin-scroll flex flex-col overflow-y-auto bg-surface outline-none",
        overlay
          ? "animate-fade fixed inset-y-0 right-0 z-30 w-full shadow-dialog md:w-80"
          : "w-80 shrink-0 border-l border-line",
      )}
    >
      <div className="flex h-14 shrink-0 items-center justify-end px-3 md:h-16">
        <IconButton label={closeLabel} onPress={onClose}>
          <XIcon size={20} />
        </IconButton>
      </div>
      {children}
    </aside>
  );
}
