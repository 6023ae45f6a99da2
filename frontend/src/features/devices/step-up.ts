/** A fresh second factor, asked for from anywhere: `await stepUp()`. */
import { onCoreEvent } from "@/core/core";
import type { FactorChallenge } from "@/features/auth/challenge";
import { useSyncExternalStore } from "react";

export interface StepUpQuestion {
  challenge: FactorChallenge;
  answer: (given: boolean) => void;
}

/** What the server asked last, of a request of the engine's; used once. */
let latest: FactorChallenge | null = null;
let question: StepUpQuestion | null = null;
const listeners = new Set<() => void>();

onCoreEvent((event) => {
  if (event.type === "step_up") latest = { id: event.challenge_id, methods: event.methods };
});

/**
 * Asks for the second factor that the server wants before it does what was asked. True: it was
 * given, and the same can be asked again. Without `challenge` it is the one that the server named
 * when it refused the engine (`step-up-required`). One question stands at a time: a newer one
 * takes the place of an older one, which counts as not answered.
 */
export function stepUp(challenge: FactorChallenge | null = latest): Promise<boolean> {
  latest = null;
  question?.answer(false);
  if (!challenge) return Promise.resolve(false);
  return new Promise((resolve) => {
    const asked: StepUpQuestion = {
      challenge,
      answer(given) {
        if (question === asked) ask(null);
        resolve(given);
      },
    };
    ask(asked);
  });
}

/** The question that stands. */
export const standingQuestion = (): StepUpQuestion | null => question;

/** The same for components: a dialog of one's own steps back meanwhile. */
export function useStepUpQuestion(): StepUpQuestion | null {
  return useSyncExternalStore(subscribe, standingQuestion);
}

function ask(next: StepUpQuestion | null): void {
  question = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
