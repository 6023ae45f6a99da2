import type { ReactNode } from "react";

interface EmptyStateProps {
  drawing: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  /** 1 where it is the whole page. */
  level?: 1 | 2;
}

/** Nothing here yet, and what to do about it. */
export function EmptyState({ drawing, title, children, action, level = 2 }: EmptyStateProps) {
  const Heading = level === 1 ? "h1" : "h2";
  return (
    <div className="animate-fade m-auto flex max-w-sm flex-col items-center gap-3 px-6 py-8 text-center">
      {drawing}
      <Heading className="mt-2 text-lg font-strong">{title}</Heading>
      {children && <div className="text-text-2">{children}</div>}
      {action && <div className="mt-3">{action}</div>}
    </div>
  );
}
