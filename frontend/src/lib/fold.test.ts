import { describe, expect, it } from "vitest";
import { fold } from "./fold";

describe("folding", () => {
  it("leaves accents and capitals aside, however they were typed", () => {
    expect(fold("Éléonore")).toBe("eleonore");
    expect(fold("E\u0301le\u0301onore")).toBe("eleonore");
    expect(fold("ÇA")).toBe("ca");
  });

  it("writes ligatures in full", () => {
    expect(fold("Cœur, Œuvre, ﬁn, Straße")).toBe("coeur, oeuvre, fin, strasse");
  });

  it("keeps what other scripts need", () => {
    expect(fold("हिन्दी")).toBe("हिन्दी".normalize("NFKD"));
    expect(fold("森の中")).toBe("森の中");
  });
});
