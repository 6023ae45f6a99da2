import { classNames } from "@/lib/class-names";
import { CheckIcon } from "@phosphor-icons/react/Check";
import type { ReactNode } from "react";
import { Checkbox as AriaCheckbox, type CheckboxProps as AriaProps } from "react-aria-components";

interface CheckboxProps extends Omit<AriaProps, "children" | "className" | "style"> {
  children: ReactNode;
}

/** A box to tick, with its words beside it. */
export function Checkbox({ children, ...props }: CheckboxProps) {
  return (
    <AriaCheckbox
      {...props}
      className="group relative flex min-h-6 items-center gap-2.5 text-md text-text pointer-coarse:min-h-11"
    >
      {({ isSelected }) => (
        <>
          <span
            className={classNames(
              "grid size-5 shrink-0 place-items-center rounded-[6px] border transition",
              isSelected ? "border-moss bg-moss text-on-moss" : "border-edge bg-surface",
            )}
          >
            {isSelected && <CheckIcon size={14} weight="bold" aria-hidden="true" />}
          </span>
          <span>{children}</span>
        </>
      )}
    </AriaCheckbox>
  );
}
