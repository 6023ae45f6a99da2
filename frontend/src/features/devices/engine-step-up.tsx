import { onCoreEvent } from "@/core/core";
import type { FactorChallenge } from "@/features/auth/challenge";
import { useEffect, useState } from "react";
import { StepUpDialog } from "./step-up-dialog";

/** Asks for a second factor when something that the engine does needs one. */
export function EngineStepUp({ onDone }: { onDone: () => void }) {
  const [challenge, setChallenge] = useState<FactorChallenge | null>(null);
  useEffect(
    () =>
      onCoreEvent((event) => {
        if (event.type === "step_up") {
          setChallenge({ id: event.challenge_id, methods: event.methods });
        }
      }),
    [],
  );
  if (!challenge) return null;
  return (
    <StepUpDialog
      key={challenge.id}
      challenge={challenge}
      onDone={() => {
        setChallenge(null);
        onDone();
      }}
      onCancel={() => setChallenge(null)}
    />
  );
}
