/** Solves one puzzle away from the page, which stays alive meanwhile. */
import type { Puzzle } from "@/protocol.gen";
import { solutionOf } from "./work";

self.addEventListener("message", ({ data }: MessageEvent<Pick<Puzzle, "nonce" | "bits">>) => {
  self.postMessage(solutionOf(data.nonce, data.bits));
});
