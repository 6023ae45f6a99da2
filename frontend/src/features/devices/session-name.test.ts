import type { TFunction } from "i18next";
import { describe, expect, it } from "vitest";
import { sessionName, shownName } from "./session-name";

describe("what a session is called", () => {
  it("names browser and system", () => {
    const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    expect(sessionName(agent)).toEqual({ kind: "computer", program: "Firefox", system: "Linux" });
  });

  it("tells phones from computers", () => {
    const agent =
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";
    expect(sessionName(agent)).toEqual({ kind: "phone", program: "Safari", system: "iOS" });
  });

  it("names no system that it does not know", () => {
    expect(sessionName("Mozilla/5.0 (Haiku) Firefox/1").system).toBeNull();
  });

  it("leaves programs their own name, cut where it is long", () => {
    expect(sessionName("snug/0.1.0")).toEqual({
      kind: "program",
      program: "snug/0.1.0",
      system: null,
    });
    expect(sessionName("x".repeat(200)).program).toHaveLength(60);
    expect(sessionName("  ").program).toBeNull();
    expect(sessionName(null).program).toBeNull();
  });
});

describe("what a device is called", () => {
  const t = ((key: string, values: Record<string, string> = {}) =>
    key === "sessions.on" ? `${values.program} sur ${values.system}` : "Navigateur") as TFunction;

  it("follows the language while it is the name that the browser gave itself", () => {
    expect(shownName("Chrome on Linux", t)).toBe("Chrome sur Linux");
    expect(shownName("Browser on macOS", t)).toBe("Navigateur sur macOS");
    expect(shownName("Firefox on another system", t)).toBe("Firefox");
  });

  it("is left alone when somebody chose it", () => {
    expect(shownName("Tablet on the shelf", t)).toBe("Tablet on the shelf");
    expect(shownName("Chrome on Linux, upstairs", t)).toBe("Chrome on Linux, upstairs");
  });
});
