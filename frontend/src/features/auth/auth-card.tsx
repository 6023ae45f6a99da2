import { WordMark } from "@/components/ui/logo";
import { usePageTitle } from "@/lib/use-page-title";
import { type ReactNode, useEffect, useRef } from "react";
import { ProgressLine } from "./progress-line";

interface AuthCardProps {
  pageTitle: string;
  title: string;
  /** Which of the three steps of a sign-up this is. */
  step?: 1 | 2 | 3;
  lead?: ReactNode;
  children: ReactNode;
}

/** The glass card: a title, what it is about, and one thing to do. */
export function AuthCard({ pageTitle, title, step, lead, children }: AuthCardProps) {
  usePageTitle(pageTitle);
  const heading = useRef<HTMLHeadingElement>(null);

  // A new step is a new page for a screen reader; a field may have taken the focus already.
  useEffect(() => {
    const busy = document.activeElement instanceof HTMLInputElement;
    if (!busy) heading.current?.focus({ preventScroll: true });
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- another title, another page
  }, [title]);

  return (
    <div className="glass animate-enter w-full max-w-[440px] rounded-card p-5 md:p-8">
      {step && <ProgressLine step={step} />}
      <div className="mb-6">
        <WordMark />
      </div>
      <h1 ref={heading} tabIndex={-1} className="text-hero font-strong outline-none">
        {title}
      </h1>
      {lead && <div className="mt-1.5 text-pretty text-text-2">{lead}</div>}
      <div className="mt-6">{children}</div>
    </div>
  );
}
