/** A browser whose camera sees what a test holds in front of it. */
import { type Browser, chromium, type Locator } from "@playwright/test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What the camera sees, in pixels. */
const VIEW = { width: 640, height: 480 };

export class Camera {
  readonly browser: Browser;
  readonly #folder: string;

  private constructor(browser: Browser, folder: string) {
    this.browser = browser;
    this.#folder = folder;
  }

  /** `options`: how the other browsers of this run are started. */
  static async start(options: { executablePath?: string; args?: string[] }): Promise<Camera> {
    const folder = await mkdtemp(join(tmpdir(), "snug-camera-"));
    const browser = await chromium.launch({
      ...options,
      args: [
        ...(options.args ?? []),
        "--use-fake-device-for-media-stream",
        `--use-file-for-fake-video-capture=${join(folder, "view.y4m")}`,
      ],
    });
    return new Camera(browser, folder);
  }

  /** Holds what a screen shows before the lens: before a page opens the camera. */
  async hold(code: Locator): Promise<void> {
    const shown = (await code.screenshot()).toString("base64");
    const grey = await code.page().evaluate(
      async ({ shown, width, height }) => {
        const bytes = Uint8Array.from(atob(shown), (letter) => letter.codePointAt(0)!);
        const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
        const canvas = new OffscreenCanvas(width, height);
        const pen = canvas.getContext("2d")!;
        pen.fillStyle = "#fff";
        pen.fillRect(0, 0, width, height);
        const side = height * 0.8;
        pen.drawImage(picture, (width - side) / 2, (height - side) / 2, side, side);
        const { data } = pen.getImageData(0, 0, width, height);
        let text = "";
        for (let at = 0; at < data.length; at += 4) text += String.fromCodePoint(data[at + 1]!);
        return btoa(text);
      },
      { shown, ...VIEW },
    );
    await writeFile(join(this.#folder, "view.y4m"), video(Buffer.from(grey, "base64")));
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await rm(this.#folder, { recursive: true });
  }
}

/** One picture as a film of two frames without colours, which the browser shows over and over. */
function video(grey: Buffer): Buffer {
  const colourless = Buffer.alloc(grey.length / 2, 128);
  const frame = Buffer.concat([Buffer.from("FRAME\n"), grey, colourless]);
  const head = `YUV4MPEG2 W${VIEW.width} H${VIEW.height} F10:1 Ip A1:1 C420jpeg\n`;
  return Buffer.concat([Buffer.from(head), frame, frame]);
}
