import { describe, expect, it } from "vitest";
import { changeBox, makeBox, openBox, WrongPassphrase } from "./box";
import { keyOf } from "./testing";

describe("the box of a data key", () => {
  it("opens with its passphrase alone, and gives a key that nobody exports", async () => {
    const { box, data } = await makeBox("ana", await keyOf("a quiet lake"));
    const opened = await openBox("ana", box, (await keyOf("a quiet lake")).key);
    expect(opened.id).toBe(data.id);
    expect(opened.key.extractable).toBe(false);
    const wrong = (await keyOf("a loud lake")).key;
    await expect(openBox("ana", box, wrong)).rejects.toThrow(WrongPassphrase);
  });

  it("opens for no other account, key or way of making keys", async () => {
    const { key, kdf } = await keyOf("a quiet lake");
    const { box } = await makeBox("ana", { key, kdf });
    await expect(openBox("bo", box, key)).rejects.toThrow(WrongPassphrase);
    await expect(openBox("ana", { ...box, id: "x" }, key)).rejects.toThrow(WrongPassphrase);
    const weaker = { ...box, kdf: { ...kdf, passes: 2 } };
    await expect(openBox("ana", weaker, key)).rejects.toThrow(WrongPassphrase);
  });

  it("changes its passphrase and keeps its key", async () => {
    const [old, fresh] = [await keyOf("a quiet lake"), await keyOf("a warm nest")];
    const { box, data } = await makeBox("ana", old);
    await expect(changeBox("ana", box, fresh.key, fresh)).rejects.toThrow(WrongPassphrase);
    const changed = await changeBox("ana", box, old.key, fresh);
    await expect(openBox("ana", changed, old.key)).rejects.toThrow(WrongPassphrase);
    expect((await openBox("ana", changed, fresh.key)).id).toBe(data.id);
  });
});
