/** Reads QR codes out of pictures, in a worker of its own. */
// oxlint-disable-next-line import/default -- vite makes it
import workerUrl from "./worker.ts?worker&url";
import { startWorker } from "../own-worker";

export interface QrReader {
  /**
   * The text of the code in a picture, or `null`. One picture at a time; the picture's memory goes
   * to the worker.
   */
  read: (picture: ImageData) => Promise<string | null>;
  /** Ends it. A `read` under way is never answered. */
  stop: () => void;
}

interface Asked {
  resolve: (text: string | null) => void;
  reject: (fault: Error) => void;
}

export async function startQrReader(): Promise<QrReader> {
  const worker = await startWorker(workerUrl, "snug-qr");
  let asked: Asked | null = null;
  worker.addEventListener("message", ({ data }: MessageEvent<string | null>) =>
    asked?.resolve(data),
  );
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    asked?.reject(new Error("the reader of QR codes failed"));
  });
  return {
    read: (picture) =>
      new Promise((resolve, reject) => {
        asked = { resolve, reject };
        worker.postMessage(picture, [picture.data.buffer]);
      }),
    stop: () => worker.terminate(),
  };
}
