import type { ReactNode } from "react";

/** Names and values under each other; beside each other where there is room. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className="mt-3 flex flex-col gap-3 md:gap-2">{children}</dl>;
}

export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className="grid gap-x-4 md:grid-cols-[200px_1fr]">
      <dt className="text-md text-text-2">{label}</dt>
      <dd className="min-w-0 [overflow-wrap:anywhere]">{children}</dd>
    </div>
  );
}
