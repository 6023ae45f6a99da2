import type { Figures, Options } from "./figures";

declare global {
  interface Window {
    /** What the program outside calls. */
    measure: (options: Options) => Promise<Figures>;
  }
}

window.measure = (options) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent) => {
      worker.terminate();
      if (data.fault) reject(new Error(data.fault));
      else resolve(data.figures);
    });
    worker.addEventListener("error", (event) => reject(new Error(event.message)));
    worker.postMessage(options);
  });
