import { describe, expect, it } from "vitest";
import { endingOf, safeName } from "./safe-name";

describe("the name of a received file", () => {
  it("stays as it is when nothing is wrong with it", () => {
    expect(safeName("Minutes 2026 – été 🌿.pdf")).toBe("Minutes 2026 – été 🌿.pdf");
  });

  it("leads nowhere and hides nothing", () => {
    expect(safeName("../../etc/passwd")).toBe("_.._etc_passwd");
    expect(safeName("C:\\boot.ini")).toBe("C__boot.ini");
    expect(safeName(".bashrc")).toBe("bashrc");
    expect(safeName("a\u202etxt.exe")).toBe("a_txt.exe");
    expect(safeName("a\u0000b\n.txt")).toBe("a_b_.txt");
    expect(safeName("run.exe. . ")).toBe("run.exe");
    expect(safeName("nul.txt")).toBe("_nul.txt");
    expect(safeName("COM1")).toBe("_COM1");
    expect(safeName("console.txt")).toBe("console.txt");
    expect(safeName(" .. ")).toBe("file");
  });

  it("keeps its ending when it is long", () => {
    const name = safeName(`${"ä".repeat(300)}.tar.gz`);
    expect([...name]).toHaveLength(120);
    expect(name.endsWith(".gz")).toBe(true);
  });

  it("has an ending or none", () => {
    expect(endingOf("a.PDF")).toBe("pdf");
    expect(endingOf("notes")).toBe("");
    expect(endingOf("a. b")).toBe("");
  });
});
