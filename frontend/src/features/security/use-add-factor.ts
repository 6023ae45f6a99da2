import { api, ApiError } from "@/core/api";
import { createPasskey } from "@/core/passkeys";
import { useFailure } from "@/features/auth/use-failure";
import { useStepUp } from "@/features/devices/use-step-up";
import { isCancelled } from "@/features/settings/is-cancelled";
import type { AddedFactor, FactorKind } from "@/protocol.gen";
import { useEffect, useEffectEvent, useRef, useState } from "react";

/** Adds a factor and gives its first answer: a code, or for a passkey the browser's own. */
export function useAddFactor(
  kind: FactorKind,
  label: string,
  { onDone, onClose }: { onDone: () => void; onClose: () => void },
) {
  const [factor, setFactor] = useState<AddedFactor | null>(null);
  const [code, setCode] = useState("");
  const [pending, setPending] = useState(false);
  const failure = useFailure();
  const { confirmed, dialog } = useStepUp();
  const begun = useRef(false);

  /** Asks the server for it, after a fresh second factor where it wants one. */
  async function begin(): Promise<void> {
    setPending(true);
    failure.clear();
    try {
      const added = await confirmed(() =>
        kind === "passkey" ? api.startPasskey({ label }) : api.addFactor({ kind, label }),
      );
      setFactor(added);
      if (kind === "passkey") {
        const credential = await createPasskey(added.creation_options);
        await api.finishPasskey({ factor_id: added.factor_id, credential });
        onDone();
      }
    } catch (fault) {
      if (isCancelled(fault)) onClose();
      else failure.show(fault);
    } finally {
      setPending(false);
    }
  }

  async function activate(whole: string): Promise<void> {
    if (pending || !factor) return;
    if (whole.length < 6) return failure.showShort();
    setPending(true);
    failure.clear();
    try {
      await api.activate({ factor_id: factor.factor_id, code: whole });
      onDone();
    } catch (fault) {
      setCode("");
      // Its time is over: a new one takes its place.
      if (fault instanceof ApiError && fault.code === "not-found") setFactor(null);
      failure.show(fault);
    } finally {
      setPending(false);
    }
  }

  // A passkey begins with a press; the others show what to scan at once.
  const start = useEffectEvent(() => {
    if (begun.current || kind === "passkey") return;
    begun.current = true;
    void begin();
  });
  useEffect(() => start(), []);

  /** Leaves nothing half done behind, as far as the server can be reached. */
  function cancel(): void {
    if (factor) api.removeFactor(factor.factor_id).catch(() => undefined);
    onClose();
  }

  function edit(next: string): void {
    if (!failure.locked) failure.clear();
    setCode(next);
  }

  return { factor, code, setCode: edit, begin, activate, cancel, pending, failure, dialog };
}
