/** Devices of mine that came in since I last looked: which ones I know is sealed in this browser. */
import { call, onCoreEvent } from "@/core/core";
import type { OwnDevice } from "@/core/engine.gen";
import { coreState, useCore } from "@/core/store";
import type { DeviceId } from "@/protocol.gen";
import { useSyncExternalStore } from "react";
import * as z from "zod/mini";

const KEPT = "devices";
/** So long after a link was made here its device is expected, in milliseconds. */
const EXPECTED = 60_000;
const schema = z.array(z.string());

/** `undefined` before it was read, `null` when nothing was kept. */
type Known = readonly DeviceId[] | null | undefined;

let known: Known;
let expectedUntil = 0;
const listeners = new Set<() => void>();

/** Those that are in the list and not known. */
export function newOnes(devices: readonly OwnDevice[], known: Known): OwnDevice[] {
  // Who looks for the first time knows them all: this device was not there before.
  if (!known) return [];
  return devices.filter((device) => !device.this && !known.includes(device.device_id));
}

export function useNewDevices(): OwnDevice[] {
  const devices = useCore((state) => state.own?.devices ?? null);
  const now = useSyncExternalStore(subscribe, () => known);
  return devices ? newOnes(devices, now) : [];
}

/** Reads what is kept; once, when the account opens. */
export async function loadKnown(): Promise<void> {
  const parsed = schema.safeParse(await call("recall", KEPT));
  known = parsed.success ? parsed.data : null;
  look(coreState().own?.devices ?? []);
  tell();
}

export function forgetKnown(): void {
  known = undefined;
  tell();
}

/** The person says that they know all of these. */
export function acknowledge(devices: readonly OwnDevice[]): void {
  known = devices.map(({ device_id }) => device_id);
  tell();
  void call("keep", KEPT, known);
}

onCoreEvent((event) => {
  if (event.type !== "notices") return;
  for (const notice of event.notices) {
    if (notice.type === "link" && notice.link.type === "done")
      expectedUntil = Date.now() + EXPECTED;
    if (notice.type === "own") look(notice.own.devices);
  }
});

function look(devices: readonly OwnDevice[]): void {
  if (known === undefined || devices.length === 0) return;
  const fresh = newOnes(devices, known);
  const linkedHere = fresh.length === 1 && Date.now() < expectedUntil;
  if (known === null || linkedHere) {
    expectedUntil = 0;
    acknowledge(devices);
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
