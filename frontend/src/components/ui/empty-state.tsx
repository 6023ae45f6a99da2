import type { ReactNode } from "react";

interface EmptyStateProps {
  drawing: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

/** Nothing here yet, and what to do about it. */
export function EmptyState({ drawing, title, children, action }: EmptyStateProps) {
  return (
    <div className="animate-fade m-auto flex max-w-sm flex-col items-center gap-3 px-6 py-8 text-center">
      {drawing}
      <h2 className="mt-2 text-lg font-strong">{title}</h2>
      {children && <div className="text-text-2">{children}</div>}
      {action && <div className="mt-3">{action}</div>}
    </div>
  );
}
