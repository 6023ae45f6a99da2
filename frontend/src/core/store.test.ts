import { expect, it, vi } from "vitest";
import type { Conversation, Notice } from "./engine.gen";
import type { CoreEvent } from "./messages";

let tell: (event: CoreEvent) => void = () => undefined;
vi.mock("./core", () => ({
  onCoreEvent: (listener: (event: CoreEvent) => void) => {
    tell = listener;
    return () => undefined;
  },
}));
const { coreState } = await import("./store");

it("shows no conversation that is gone", () => {
  const row = (id: string): Notice => ({
    type: "conversation",
    conversation: { id } as Conversation,
  });
  tell({ type: "notices", notices: [row("a"), row("b")] });
  tell({ type: "notices", notices: [{ type: "conversation_gone", conversation: "a" }] });
  expect([...coreState().conversations.keys()]).toEqual(["b"]);
});
