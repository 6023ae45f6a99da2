import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { integrityOf, sealBuild, withIntegrity } from "./integrity";

/** SHA-256 of nothing, as FIPS 180 has it, in Base64. */
const NOTHING = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

const page = `<!doctype html>
<html>
  <head>
    <link rel="icon" type="image/svg+xml" href="/favicon.svg" />
    <script src="/theme.js"></script>
    <script type="module" crossorigin src="/assets/index-1.js"></script>
    <link rel="modulepreload" crossorigin href="/assets/shared-2.js">
    <link rel="stylesheet" crossorigin href="/assets/index-3.css">
  </head>
  <body></body>
</html>
`;

const integrities = new Map([
  ["/theme.js", "sha256-theme"],
  ["/assets/index-1.js", "sha256-index"],
  ["/assets/shared-2.js", "sha256-shared"],
  ["/assets/later-4.js", "sha256-later"],
  ["/assets/index-3.css", "sha256-style"],
]);

describe("the hashes in a page", () => {
  it("stand at everything that it loads", () => {
    const sealed = withIntegrity(page, integrities);
    for (const tag of [
      `<script src="/theme.js" integrity="sha256-theme"></script>`,
      `<script type="module" crossorigin src="/assets/index-1.js" integrity="sha256-index"></script>`,
      `<link rel="modulepreload" crossorigin href="/assets/shared-2.js" integrity="sha256-shared">`,
      `<link rel="stylesheet" crossorigin href="/assets/index-3.css" integrity="sha256-style">`,
      `<link rel="icon" type="image/svg+xml" href="/favicon.svg" />`,
    ]) {
      expect(sealed).toContain(tag);
    }
  });

  it("are in a map before the first script, for what is imported later", () => {
    const sealed = withIntegrity(page, integrities);
    const map = /<script type="importmap">(.*?)<\/script>/.exec(sealed);
    expect(map?.index).toBe(sealed.indexOf("<script"));
    expect(JSON.parse(map![1]!)).toEqual({
      integrity: {
        "/theme.js": "sha256-theme",
        "/assets/index-1.js": "sha256-index",
        "/assets/shared-2.js": "sha256-shared",
        "/assets/later-4.js": "sha256-later",
      },
    });
    expect(sealed.match(/importmap/g)).toHaveLength(1);
  });

  it("do not depend on the order in which files are found", () => {
    const turned = new Map([...integrities].toReversed());
    expect(withIntegrity(page, turned)).toBe(withIntegrity(page, integrities));
  });

  it("are all there, or there is no page", () => {
    const fewer = new Map([...integrities].filter(([address]) => address !== "/theme.js"));
    expect(() => withIntegrity(page, fewer)).toThrow("/theme.js");
  });
});

describe("a finished build", () => {
  let folder = "";

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "snug-build-"));
    await mkdir(join(folder, "assets"));
    await writeFile(join(folder, "index.html"), page);
    for (const file of ["theme.js", "assets/shared-2.js", "assets/later-4.js"]) {
      await writeFile(join(folder, file), "");
    }
    await writeFile(join(folder, "assets/index-1.js"), "import('./later-4.js');\n");
    await writeFile(join(folder, "assets/index-3.css"), "body{}\n");
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("is sealed by the bytes of its files", async () => {
    await sealBuild(folder);
    const sealed = await readFile(join(folder, "index.html"), "utf8");
    expect(sealed).toContain(`href="/assets/shared-2.js" integrity="${NOTHING}"`);
    const index = integrityOf(await readFile(join(folder, "assets/index-1.js")));
    expect(sealed).toContain(`src="/assets/index-1.js" integrity="${index}"`);
    expect(sealed).toContain(`"/assets/later-4.js":"${NOTHING}"`);
  });
});

it("is SHA-256 in Base64", () => {
  expect(integrityOf("")).toBe(NOTHING);
});
