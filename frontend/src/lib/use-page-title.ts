import { useEffect } from "react";

/** "Sign in · Snug". */
export function usePageTitle(title: string | null): void {
  useEffect(() => {
    document.title = title ? `${title} · Snug` : "Snug";
  }, [title]);
}
