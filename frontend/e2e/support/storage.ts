/** The records that the app keeps in this browser, from below. */
import type { Page } from "@playwright/test";

/**
 * Changes a byte of the first sealed records under a prefix, as a failing disk would. From then on
 * the app of this page writes nothing: what it still had to say of a room (the server took its mark
 * of what was read) would be written over the damage. Reload the page next.
 */
export async function damage(page: Page, prefix: string, most = Infinity): Promise<number> {
  return page.evaluate(
    async ({ prefix, most }) => {
      const names = await indexedDB.databases();
      const name = names.find((it) => it.name?.startsWith("snug-"))!.name!;
      const opening = indexedDB.open(name);
      await new Promise((resolve) => opening.addEventListener("success", resolve));
      const change = opening.result.transaction(["meta", "records"], "readwrite");
      // As another tab does that becomes the writer.
      change.objectStore("meta").put(crypto.randomUUID(), "writer");
      const records = change.objectStore("records");
      let changed = 0;
      const walk = records.openCursor(IDBKeyRange.bound(prefix, `${prefix}\uffff`));
      walk.addEventListener("success", () => {
        const cursor = walk.result;
        if (!cursor || changed >= most) return;
        const value = (cursor.value as Uint8Array).slice();
        value[value.length - 1] = value.at(-1)! ^ 1;
        cursor.update(value);
        changed += 1;
        cursor.continue();
      });
      await new Promise((resolve) => change.addEventListener("complete", resolve));
      opening.result.close();
      return changed;
    },
    { prefix, most: Math.min(most, 1_000_000) },
  );
}

/** How many records some key opens that lies in this browser beside them. */
export async function openable(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const names = await indexedDB.databases();
    const name = names.find((it) => it.name?.startsWith("snug-"))!.name!;
    const opening = indexedDB.open(name);
    await new Promise((resolve) => opening.addEventListener("success", resolve));
    const read = opening.result.transaction(["meta", "records"]);
    const [meta, records] = [read.objectStore("meta"), read.objectStore("records")];
    const asked = [meta.getAll(), records.getAllKeys(), records.getAll()] as const;
    await new Promise((resolve) => read.addEventListener("complete", resolve));
    opening.result.close();
    const keys = asked[0].result.filter((it) => it instanceof CryptoKey);
    const places = asked[1].result.map(String);
    if (places.length === 0) throw new Error("there are no records");
    let opened = 0;
    for (const [index, whole] of (asked[2].result as Uint8Array<ArrayBuffer>[]).entries()) {
      for (const key of keys) {
        const additionalData = new TextEncoder().encode(places[index]);
        const how = { name: "AES-GCM", iv: whole.subarray(0, 12), additionalData };
        const opens = await crypto.subtle.decrypt(how, key, whole.subarray(12)).then(
          () => true,
          () => false,
        );
        if (opens) opened += 1;
      }
    }
    return opened;
  });
}
