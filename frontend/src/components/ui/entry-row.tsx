import { classNames } from "@/lib/class-names";
import type { ReactNode } from "react";
import { RowIcon } from "./row-icon";

interface EntryRowProps {
  icon: ReactNode;
  title: string;
  /** A word that marks the row: "this device". */
  mark?: string | null;
  /** What there is to say of it, a paragraph a line. */
  children: ReactNode;
  action: ReactNode;
  /** The action is as wide as words: it stands below where there is little room. */
  wordy?: boolean;
}

/** Something of one's own in a list of settings: what it is, since when, what can be done. */
export function EntryRow({ icon, title, mark, children, action, wordy = false }: EntryRowProps) {
  return (
    <li
      className={classNames(
        "flex items-start gap-x-3.5 gap-y-2.5 py-3.5",
        wordy && "flex-wrap md:flex-nowrap",
      )}
    >
      <RowIcon>{icon}</RowIcon>
      <div className="w-0 grow text-md text-text-2">
        <p className="flex flex-wrap gap-x-2 text-body font-medium text-text">
          <span className="min-w-0 [overflow-wrap:anywhere]">{title}</span>
          {mark && (
            <span className="rounded-full bg-moss-soft px-2 text-sm font-medium whitespace-nowrap text-moss-text">
              {mark}
            </span>
          )}
        </p>
        {children}
      </div>
      {wordy ? (
        <div className="w-full pl-13.5 md:w-auto md:shrink-0 md:pl-0">{action}</div>
      ) : (
        action
      )}
    </li>
  );
}
