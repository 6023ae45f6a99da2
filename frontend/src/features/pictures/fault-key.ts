import type { OpenFault } from "@/core/picture-file";

/** What is said in the place of a picture that is not shown. */
export const faultKey = {
  offline: "pictures.offline",
  gone: "pictures.gone",
  damaged: "pictures.damaged",
  // Another tab, or the end of the session.
  stopped: "pictures.offline",
} as const satisfies Record<OpenFault, string>;
