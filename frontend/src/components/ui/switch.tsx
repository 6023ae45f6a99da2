import { classNames } from "@/lib/class-names";
import type { ReactNode } from "react";
import { Switch as AriaSwitch } from "react-aria-components";

interface SwitchProps {
  label: string;
  /** What it means, under the label. */
  children?: ReactNode;
  isSelected: boolean;
  isDisabled?: boolean;
  onChange: (on: boolean) => void;
}

/** A setting that is on or off, over the whole width. */
export function Switch({ label, children, ...props }: SwitchProps) {
  return (
    <AriaSwitch
      {...props}
      className="relative flex min-h-12 cursor-default items-center gap-4 py-3 data-disabled:opacity-50"
    >
      {({ isSelected, isFocusVisible }) => (
        <>
          <span className="min-w-0 grow">
            <span className="block font-medium">{label}</span>
            {children && <span className="block text-md text-text-2">{children}</span>}
          </span>
          <span
            className={classNames(
              "flex h-6.5 w-11 shrink-0 items-center rounded-full border p-0.5 transition",
              isSelected ? "border-moss bg-moss" : "border-edge bg-sunken",
              isFocusVisible && "outline-2 outline-offset-2 outline-focus",
            )}
          >
            <span
              className={classNames(
                "size-5 rounded-full transition",
                isSelected ? "translate-x-[17px] bg-on-moss" : "bg-edge",
              )}
            />
          </span>
        </>
      )}
    </AriaSwitch>
  );
}
