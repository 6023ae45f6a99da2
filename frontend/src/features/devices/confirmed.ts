import { Refused } from "@/core/refused";
import { stepUp } from "./step-up";
import { StepUpCancelled } from "./use-step-up";

/**
 * Does what may need a fresh second factor, by the engine: asks for one when the server wants it,
 * then does it again. Rejects with `StepUpCancelled` when the person gives none.
 */
export async function confirmed<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (fault) {
    const wanted = fault instanceof Refused && fault.failure.code === "step-up-required";
    if (!wanted) throw fault;
    if (!(await stepUp())) throw new StepUpCancelled();
    return act();
  }
}
