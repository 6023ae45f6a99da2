/** Commands that want an answer: what the engine tells next of the matter. */
import { call, onCoreEvent } from "./core";
import type { Command, Notice } from "./engine.gen";
import { Refused } from "./refused";

/** A server that takes longer, in milliseconds, is not there. */
const PATIENCE = 60_000;

let open = 0;

/** Somebody waits for an answer: a refusal that names no message is told there and nowhere else. */
export const isAsking = (): boolean => open > 0;

/**
 * Sends a command. Resolves with what `answer` makes of a notice, the first time that it is not
 * `undefined`; rejects with what it throws, with `Refused` when the engine refuses, and when nothing
 * comes.
 */
export function ask<T>(
  command: Command,
  answer: (notice: Notice) => T | undefined,
  patience = PATIENCE,
): Promise<T> {
  open += 1;
  return new Promise<T>((resolve, reject) => {
    const end = (settle: () => void) => {
      clearTimeout(timer);
      stop();
      settle();
    };
    const timer = setTimeout(() => {
      const detail = "Nothing was answered in time.";
      end(() => reject(new Refused({ code: "timeout", detail })));
    }, patience);
    const stop = onCoreEvent((event) => {
      if (event.type === "fatal") {
        return end(() => reject(new Refused({ code: "internal", detail: event.fault })));
      }
      if (event.type !== "notices") return;
      for (const notice of event.notices) {
        if (notice.type === "refused" && notice.id === null) {
          return end(() => reject(new Refused(notice.failure)));
        }
        try {
          const value = answer(notice);
          if (value !== undefined) return end(() => resolve(value));
        } catch (fault) {
          return end(() => reject(fault as Error));
        }
      }
    });
    call("command", command).catch((fault: unknown) => end(() => reject(fault as Error)));
  }).finally(() => {
    open -= 1;
  });
}
