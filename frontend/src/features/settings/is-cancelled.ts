import { StepUpCancelled } from "@/features/devices/use-step-up";

/** Nothing to tell: the person chose not to go on. */
export function isCancelled(fault: unknown): boolean {
  return fault instanceof StepUpCancelled;
}
