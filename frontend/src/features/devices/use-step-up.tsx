import { challengeOf, type FactorChallenge } from "@/features/auth/challenge";
import { type ReactNode, useState } from "react";
import { StepUpDialog } from "./step-up-dialog";

/** The person closed the question: nothing was done, and nothing went wrong. */
export class StepUpCancelled extends Error {
  constructor() {
    super("the second factor was not given");
    this.name = "StepUpCancelled";
  }
}

interface Asked {
  challenge: FactorChallenge;
  resolve: () => void;
  reject: (fault: Error) => void;
}

/**
 * Does what may need a fresh second factor: asks for one when the server does, then does it again.
 * `dialog` has to be on the page.
 */
export function useStepUp(): {
  confirmed: <T>(act: () => Promise<T>) => Promise<T>;
  dialog: ReactNode;
} {
  const [asked, setAsked] = useState<Asked | null>(null);

  async function confirmed<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (fault) {
      const challenge = challengeOf(fault, "step-up-required");
      if (!challenge) throw fault;
      try {
        await new Promise<void>((resolve, reject) => setAsked({ challenge, resolve, reject }));
      } finally {
        setAsked(null);
      }
      return await act();
    }
  }

  const dialog = asked && (
    <StepUpDialog
      key={asked.challenge.id}
      challenge={asked.challenge}
      onDone={asked.resolve}
      onCancel={() => asked.reject(new StepUpCancelled())}
    />
  );
  return { confirmed, dialog };
}
