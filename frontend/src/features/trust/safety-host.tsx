import { lazy, Suspense } from "react";
import { closeSafety, useSafetyOpen } from "./safety-open";

const SafetyDialog = lazy(() => import("./safety-dialog"));

/** Where the safety number appears: once, whatever led to it. */
export function SafetyHost() {
  const userId = useSafetyOpen();
  if (userId === null) return null;
  return (
    <Suspense>
      <SafetyDialog key={userId} userId={userId} onClose={closeSafety} />
    </Suspense>
  );
}
