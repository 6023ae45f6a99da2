import { classNames } from "@/lib/class-names";
import type { ReactNode } from "react";
import { Button } from "react-aria-components";

interface WayButtonProps {
  icon: ReactNode;
  title: string;
  text: string;
  onPress: () => void;
  /** The one that most people want. */
  first?: boolean;
}

/** One of several ways to the same end: what it is called, and what it takes. */
export function WayButton({ icon, title, text, onPress, first = false }: WayButtonProps) {
  return (
    <Button
      onPress={onPress}
      className={classNames(
        "flex w-full cursor-default items-start gap-3.5 rounded-field border bg-surface px-4 py-3 text-left transition data-hovered:bg-sunken data-pressed:scale-[0.985]",
        first ? "border-2 border-ember" : "border-edge",
      )}
    >
      <span aria-hidden="true" className={first ? "mt-0.5 text-ember" : "mt-0.5 text-text-2"}>
        {icon}
      </span>
      <span className="min-w-0 grow">
        <span className="block font-medium text-text">{title}</span>
        <span className="block text-md text-text-2">{text}</span>
      </span>
    </Button>
  );
}
