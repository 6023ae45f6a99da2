import type { Fault } from "@/core/engine.gen";

/** This device has no place in the group: nothing is sent, and nobody's state is known. */
export function isOutside(fault: Fault | null): boolean {
  return fault === "removed" || fault === "closed" || fault === "outside" || fault === "barred";
}
