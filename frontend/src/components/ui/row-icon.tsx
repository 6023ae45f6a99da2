import type { ReactNode } from "react";

/** The picture at the beginning of a row. */
export function RowIcon({ children }: { children: ReactNode }) {
  return (
    <span
      aria-hidden="true"
      className="mt-0.5 grid size-10 shrink-0 place-items-center rounded-squircle bg-avatar text-moss-text"
    >
      {children}
    </span>
  );
}
