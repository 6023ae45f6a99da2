import type { Body, Entry } from "@/core/engine.gen";
import { afterEach, describe, expect, it } from "vitest";
import {
  composingOf,
  endComposing,
  followEntry,
  forgetComposing,
  setEditText,
  startEdit,
  startReply,
} from "./composing";

const entry = (key: string, body: Body) => ({ key, body }) as Entry;
const words = entry("a", { type: "text", text: "seven" });

describe("what is composed", () => {
  afterEach(forgetComposing);

  it("is an answer or other words, for each conversation apart", () => {
    startReply("bo", words);
    startEdit("cleo", words);
    setEditText("cleo", "eight");
    setEditText("bo", "nothing");
    expect(composingOf("bo")).toEqual({ kind: "reply", entry: words });
    expect(composingOf("cleo")).toEqual({ kind: "edit", entry: words, text: "eight" });
    endComposing("bo");
    expect(composingOf("bo")).toBeNull();
    expect(composingOf("cleo")).not.toBeNull();
  });

  it("changes texts alone", () => {
    startEdit("bo", entry("a", { type: "deleted" }));
    expect(composingOf("bo")).toBeNull();
  });

  it("ends when the message is deleted or goes away", () => {
    for (const gone of [{ entry: entry("a", { type: "deleted" }) }, { removed: "a" }]) {
      startReply("bo", words);
      followEntry("bo", { entry: entry("b", { type: "deleted" }) });
      followEntry("bo", { removed: "b" });
      followEntry("bo", { entry: words });
      expect(composingOf("bo")).not.toBeNull();
      followEntry("bo", gone);
      expect(composingOf("bo")).toBeNull();
    }
  });
});
