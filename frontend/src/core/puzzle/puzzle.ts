/** The puzzle of a sign-in that looks like one of many: solved without asking the person. */
// oxlint-disable-next-line import/default -- vite makes it
import workerUrl from "./worker.ts?worker&url";
import type { Puzzle, Work } from "@/protocol.gen";
import { ApiError } from "../api";
import { startWorker } from "../own-worker";

/** More than this is no puzzle of ours: a browser would work for hours. */
const MOST_BITS = 26;
/** Repeats of one request before its refusal is shown. */
const TRIES = 3;

/** Asks, and asks again with the solved puzzle as often as the server wants one. */
export async function withWork<T>(
  ask: (work: Work | undefined) => Promise<T>,
  onWork: () => void,
): Promise<T> {
  let work: Work | undefined;
  for (let tries = 0; ; tries++) {
    try {
      return await ask(work);
    } catch (fault) {
      const puzzle = puzzleOf(fault);
      if (!puzzle || tries === TRIES) throw fault;
      onWork();
      work = await solve(puzzle);
    }
  }
}

function puzzleOf(fault: unknown): Puzzle | null {
  if (!(fault instanceof ApiError) || fault.code !== "proof-required") return null;
  const puzzle = fault.member<Puzzle>("puzzle");
  return puzzle && puzzle.bits <= MOST_BITS ? puzzle : null;
}

async function solve({ nonce, bits }: Puzzle): Promise<Work> {
  const worker = await startWorker(workerUrl, "snug-puzzle");
  return new Promise<Work>((resolve, reject) => {
    worker.addEventListener("message", ({ data }: MessageEvent<string>) =>
      resolve({ nonce, solution: data }),
    );
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      reject(new Error("the puzzle could not be solved"));
    });
    worker.postMessage({ nonce, bits });
  }).finally(() => worker.terminate());
}
