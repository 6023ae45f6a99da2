import { expect, it, vi } from "vitest";
import type { CoreEvent } from "@/core/messages";

let tell: (event: CoreEvent) => void = () => undefined;
vi.mock("@/core/core", () => ({
  onCoreEvent(listener: (event: CoreEvent) => void) {
    tell = listener;
  },
}));
const { stepUp, standingQuestion } = await import("./step-up");

const asked = (id: string): CoreEvent => ({
  type: "step_up",
  challenge_id: id,
  methods: ["totp"],
});

it("asks what the server asked last, once", async () => {
  tell(asked("a"));
  tell(asked("b"));
  const given = stepUp();
  expect(standingQuestion()?.challenge.id).toBe("b");
  standingQuestion()?.answer(true);
  await expect(given).resolves.toBe(true);
  expect(standingQuestion()).toBeNull();
  // Nothing was asked since: nothing can be given.
  await expect(stepUp()).resolves.toBe(false);
});

it("lets a newer question take the place of an older one", async () => {
  const first = stepUp({ id: "a", methods: ["totp"] });
  const second = stepUp({ id: "b", methods: ["passkey"] });
  await expect(first).resolves.toBe(false);
  expect(standingQuestion()?.challenge.id).toBe("b");
  standingQuestion()?.answer(false);
  await expect(second).resolves.toBe(false);
});
