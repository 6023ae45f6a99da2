import { DotsThreeVerticalIcon } from "@phosphor-icons/react/DotsThreeVertical";
import type { ReactNode } from "react";
import { IconButton } from "./icon-button";
import { Menu } from "./menu";

/** What can be done with a row, behind three dots. */
export function RowMenu({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Menu
      label={label}
      trigger={
        <IconButton label={label}>
          <DotsThreeVerticalIcon size={20} weight="bold" />
        </IconButton>
      }
    >
      {children}
    </Menu>
  );
}
