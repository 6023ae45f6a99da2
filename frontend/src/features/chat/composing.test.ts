import type { Body, Entry } from "@/core/engine.gen";
import { afterEach, describe, expect, it } from "vitest";
import {
  checkComposing,
  composingOf,
  endComposing,
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

  it("ends when the message is deleted, and not because it is out of view", () => {
    startReply("bo", words);
    checkComposing("bo", [entry("b", { type: "deleted" })]);
    expect(composingOf("bo")).not.toBeNull();
    checkComposing("bo", [entry("a", { type: "deleted" })]);
    expect(composingOf("bo")).toBeNull();
  });
});
