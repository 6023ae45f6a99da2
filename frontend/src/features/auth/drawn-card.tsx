import type { ReactNode } from "react";
import { AuthCard } from "./auth-card";
import { AuthLayout } from "./auth-layout";

interface DrawnCardProps {
  pageTitle: string;
  title: string;
  lead: string;
  /** Says the same without words. */
  drawing: ReactNode;
  /** The one way on. */
  children: ReactNode;
}

/** A page that says what has happened, and leads on. */
export function DrawnCard({ pageTitle, title, lead, drawing, children }: DrawnCardProps) {
  return (
    <AuthLayout>
      <AuthCard pageTitle={pageTitle} title={title} lead={lead}>
        <div className="flex flex-col gap-5">
          <div className="flex justify-center">{drawing}</div>
          {children}
        </div>
      </AuthCard>
    </AuthLayout>
  );
}
