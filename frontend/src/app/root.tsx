import { useCore } from "@/core/store";
import { Outlet } from "@tanstack/react-router";
import { lazy, Suspense } from "react";

const LockPage = lazy(async () => {
  const { LockPage } = await import("@/features/lock/lock-page");
  return { default: LockPage };
});

/** Every page, unless what it would show is locked. */
export function Root() {
  const locked = useCore((state) => state.lock?.type === "locked");
  if (!locked) return <Outlet />;
  return (
    <Suspense>
      <LockPage />
    </Suspense>
  );
}
