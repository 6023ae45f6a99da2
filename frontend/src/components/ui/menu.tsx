import { classNames } from "@/lib/class-names";
import type { ReactNode } from "react";
import {
  Menu as AriaMenu,
  MenuItem as AriaMenuItem,
  MenuTrigger,
  Popover,
} from "react-aria-components";

interface MenuProps {
  /** The button that opens it. */
  trigger: ReactNode;
  label: string;
  placement?: "bottom end" | "bottom start";
  children: ReactNode;
}

/** What opens below a button: a list of things to do. */
export function Menu({ trigger, label, placement = "bottom end", children }: MenuProps) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover
        placement={placement}
        offset={4}
        className="animate-enter min-w-52 rounded-field bg-surface p-1.5 shadow-popover"
      >
        <AriaMenu aria-label={label} className="outline-none">
          {children}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}

interface MenuItemProps {
  icon: ReactNode;
  children: string;
  onAction: () => void;
  danger?: boolean;
}

export function MenuItem({ icon, children, onAction, danger = false }: MenuItemProps) {
  return (
    <AriaMenuItem
      textValue={children}
      onAction={onAction}
      className={classNames(
        "flex min-h-10 cursor-default items-center gap-3 rounded-[10px] px-3 text-md outline-none data-focused:bg-sunken pointer-coarse:min-h-11",
        danger ? "text-danger" : "text-text",
      )}
    >
      <span aria-hidden="true">{icon}</span>
      {children}
    </AriaMenuItem>
  );
}
