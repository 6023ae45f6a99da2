import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { preferred } from ".";
import en from "./en.json";
import fr from "./fr.json";

function flat(texts: object, path = ""): Map<string, string> {
  const all = new Map<string, string>();
  for (const [key, value] of Object.entries(texts)) {
    const here = path ? `${path}.${key}` : key;
    if (typeof value === "string") all.set(here, value);
    else for (const [below, text] of flat(value as object, here)) all.set(below, text);
  }
  return all;
}

const places = (text: string) =>
  [...text.matchAll(/\{\{(\w+)\}\}|<(\w+)>/g)].map(([p]) => p).toSorted();
const english = flat(en);
const french = flat(fr);

describe("texts", () => {
  it("are there in both languages", () => {
    expect([...french.keys()].toSorted()).toEqual([...english.keys()].toSorted());
  });

  it("say something, with the same places to fill in", () => {
    for (const [key, text] of english) {
      expect(text.trim(), key).not.toBe("");
      expect(new Set(places(french.get(key) ?? "")), key).toEqual(new Set(places(text)));
    }
  });

  it("are used", () => {
    const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
      .filter((name) => /\.tsx?$/.test(name) && !name.endsWith(".test.ts"))
      .map((name) => readFileSync(join("src", name), "utf8"))
      .join("\n");
    const plain = (key: string) => key.replace(/_(zero|one|other)$/, "");
    // Keys that are put together from parts.
    const built =
      /^(signUp\.strength|state|connection|errors|signInCode\.methods|admin\.(roles|may|numbers|actionNames))\./;
    const unused = [...english.keys()].filter(
      (key) => !built.test(key) && !sources.includes(`${plain(key)}"`),
    );
    expect(unused).toEqual([]);
  });
});

describe("the language at first", () => {
  it("is the first of the browser's that we speak", () => {
    expect(preferred(["de-CH", "fr-CH", "en"])).toBe("fr");
    expect(preferred(["de", "it"])).toBe("en");
  });
});
