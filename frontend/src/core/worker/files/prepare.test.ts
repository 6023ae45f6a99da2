import { limits } from "@/protocol.gen";
import { expect, it, vi } from "vitest";
import { prepareFile } from "./prepare";

it("any file can be sent up to a size", async () => {
  expect(await prepareFile(new Blob(["just words"]))).toBeNull();
  expect(await prepareFile(new Blob([]))).toBeNull();
  expect(await prepareFile(new Blob([new Uint8Array(limits.FILE)]))).toBeNull();
  const large = new Blob([new Uint8Array(limits.FILE + 1)]);
  await expect(prepareFile(large)).rejects.toMatchObject({ fault: "too_large" });
});

it("what looks like a picture has to be one", async () => {
  const gif = new Blob(["GIF89a and nothing else"]);
  vi.stubGlobal("createImageBitmap", () => Promise.reject(new Error("no picture")));
  await expect(prepareFile(gif)).rejects.toMatchObject({ fault: "no_picture" });
  vi.unstubAllGlobals();
});

it("a folder is none", async () => {
  const folder = new Blob(["x"]);
  vi.spyOn(Blob.prototype, "arrayBuffer").mockRejectedValueOnce(
    new DOMException("a folder", "NotReadableError"),
  );
  await expect(prepareFile(folder)).rejects.toMatchObject({ fault: "unreadable" });
});
