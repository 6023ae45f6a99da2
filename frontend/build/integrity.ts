/** Subresource integrity: what the page may run is named by its hash. */
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, sep } from "node:path";
import type { Plugin } from "vite";

/** An address of the page, such as `/assets/a.js`, and the integrity of what lies there. */
export type Integrities = ReadonlyMap<string, string>;

/** The first place where the browser would begin to load a script. */
const FIRST_SCRIPT = /<script\b/;
const LOADED = /<(?:script|link)\b[^>]*>/g;
const ADDRESS = /\s(?:src|href)="(\/[^"]*)"/;
const LINKED = /\srel="(?:stylesheet|modulepreload)"/;

/** What the browser compares: SHA-256, the same that the build manifest names. */
export function integrityOf(bytes: string | Uint8Array): string {
  return `sha256-${createHash("sha256").update(bytes).digest("base64")}`;
}

/**
 * Names the hashes in a page: at each script, stylesheet and preloaded module, and in an import map
 * for the modules that are imported later. Throws when the page loads what is not there.
 */
export function withIntegrity(page: string, integrities: Integrities): string {
  const named = page.replace(LOADED, (tag) => {
    const address = ADDRESS.exec(tag)?.[1];
    if (address === undefined || (tag.startsWith("<link") && !LINKED.test(tag))) return tag;
    const integrity = integrities.get(address);
    if (integrity === undefined) throw new Error(`the page loads ${address}, which is not there`);
    return tag.replace(ADDRESS, (place) => `${place} integrity="${integrity}"`);
  });
  const modules = [...integrities].filter(([address]) => address.endsWith(".js")).toSorted();
  const map = JSON.stringify({ integrity: Object.fromEntries(modules) });
  // One line without a tag in it: the gateway allows exactly this script, by its hash.
  const script = `<script type="importmap">${map.replaceAll("<", "\\u003c")}</script>`;
  return named.replace(FIRST_SCRIPT, (first) => `${script}\n    ${first}`);
}

/** Writes the hashes of a finished build into its page: of the files as they are served. */
export async function sealBuild(folder: string): Promise<void> {
  const files = await readdir(folder, { recursive: true });
  const loaded = files.filter((file) => /\.(?:js|css)$/.test(file)).toSorted();
  const integrities = new Map<string, string>();
  for (const file of loaded) {
    const address = `/${file.split(sep).join("/")}`;
    integrities.set(address, integrityOf(await readFile(join(folder, file))));
  }
  const page = join(folder, "index.html");
  await writeFile(page, withIntegrity(await readFile(page, "utf8"), integrities));
}

/** Seals the build when all of it is written: nothing changes a file after that. */
export function sealedPage(): Plugin {
  return {
    name: "snug:sealed-page",
    apply: "build",
    writeBundle: {
      order: "post",
      async handler({ dir }) {
        if (dir === undefined) throw new Error("a build without a folder");
        await sealBuild(dir);
      },
    },
  };
}

/** `import integrity from "./file?integrity"`: the hash that `fetch` holds the file against. */
export function fileIntegrity(): Plugin {
  return {
    name: "snug:file-integrity",
    enforce: "pre",
    load: {
      filter: { id: /\?integrity$/ },
      async handler(id) {
        const file = id.slice(0, -"?integrity".length);
        this.addWatchFile(file);
        const integrity = integrityOf(await readFile(file));
        return { code: `export default ${JSON.stringify(integrity)};`, moduleType: "js" };
      },
    },
  };
}
