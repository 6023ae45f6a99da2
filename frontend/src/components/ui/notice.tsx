import { classNames } from "@/lib/class-names";
import type { ReactNode } from "react";

interface NoticeProps {
  children: ReactNode;
  tone?: "warn" | "danger" | "calm";
  icon?: ReactNode;
  /** Read out when it appears. */
  announces?: boolean;
}

const tones = {
  warn: "bg-warn-soft text-warn",
  danger: "bg-danger-soft text-danger",
  calm: "bg-moss-soft text-moss-text",
};

/** A few words that matter for what is below them. */
export function Notice({ children, tone = "warn", icon, announces = false }: NoticeProps) {
  return (
    <div
      {...(announces ? { role: "alert" } : {})}
      className={classNames(
        "animate-fade flex items-start gap-2.5 rounded-field px-4 py-3 text-md",
        tones[tone],
      )}
    >
      {icon && (
        <span aria-hidden="true" className="mt-px shrink-0">
          {icon}
        </span>
      )}
      <div className="min-w-0 grow">{children}</div>
    </div>
  );
}
