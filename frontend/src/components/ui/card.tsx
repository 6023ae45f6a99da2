import type { ReactNode } from "react";

interface CardProps {
  title?: string;
  lead?: ReactNode;
  children: ReactNode;
}

/** A group of things that belong together on a page of settings. */
export function Card({ title, lead, children }: CardProps) {
  return (
    <section
      {...(title ? { "aria-label": title } : {})}
      className="rounded-bubble border border-line bg-surface px-4 py-4 md:px-6 md:py-5"
    >
      {title && <h2 className="text-input font-strong">{title}</h2>}
      {lead && <p className="mt-0.5 text-md text-text-2">{lead}</p>}
      {children}
    </section>
  );
}
