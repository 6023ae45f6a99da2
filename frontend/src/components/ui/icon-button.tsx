import { classNames } from "@/lib/class-names";
import type { ReactNode } from "react";
import {
  Button,
  type ButtonProps,
  OverlayArrow,
  Tooltip,
  TooltipTrigger,
} from "react-aria-components";

interface IconButtonProps extends Omit<ButtonProps, "children" | "className" | "style"> {
  /** What it does: read out and shown on hover. */
  label: string;
  children: ReactNode;
  look?: "quiet" | "ember";
  round?: boolean;
}

/** A button without words: they are read out, and shown when one waits on it. */
export function IconButton({ label, children, look = "quiet", round, ...props }: IconButtonProps) {
  return (
    <TooltipTrigger delay={500} closeDelay={80}>
      <Button
        {...props}
        aria-label={label}
        className={classNames(
          "grid size-10 shrink-0 cursor-default place-items-center transition data-pressed:scale-95 data-disabled:opacity-50 pointer-coarse:size-11",
          round ? "rounded-full" : "rounded-field",
          look === "ember"
            ? "bg-ember text-on-ember data-hovered:bg-ember-hover"
            : "text-text-2 data-hovered:bg-selected data-hovered:text-text",
        )}
      >
        {children}
      </Button>
      <Tooltip
        offset={6}
        className="animate-fade rounded-chip bg-text px-2.5 py-1 text-xs text-canvas"
      >
        <OverlayArrow className="hidden" />
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}
