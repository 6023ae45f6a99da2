/** Looks for QR codes away from the page, which stays alive meanwhile. */
import { decode } from "./decode";

self.addEventListener("message", ({ data }: MessageEvent<ImageData>) => {
  self.postMessage(decode(data));
});
