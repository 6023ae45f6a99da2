/** The page's side of the worker: calls with answers, events to whoever listens. */
// oxlint-disable-next-line import/default -- vite makes it
import workerUrl from "./worker/worker.ts?worker&url";
import type { Answer, Call, CoreEvent, CoreMethods, FromWorker, MethodName } from "./messages";
import { startWorker } from "./own-worker";

type Listener = (event: CoreEvent) => void;

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (fault: Error) => void;
}

/** `null` in it: the worker could not start, as its listeners were told. */
let worker: Promise<Worker | null> | null = null;
let nextId = 1;
const waiting = new Map<number, Waiting>();
const listeners = new Set<Listener>();

/** Calls a method of the worker, which starts with the first call. */
export function call<M extends MethodName>(
  method: M,
  ...args: Parameters<CoreMethods[M]>
): Promise<ReturnType<CoreMethods[M]>> {
  worker ??= start();
  const call = { id: nextId++, method, args } as Call;
  const answer = new Promise<unknown>((resolve, reject) =>
    waiting.set(call.id, { resolve, reject }),
  );
  void worker.then((started) => started?.postMessage(call));
  return answer as Promise<ReturnType<CoreMethods[M]>>;
}

export function onCoreEvent(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Ends the worker with all that it holds; the next call starts another. What was asked stays unanswered. */
export function endWorker(): void {
  const old = worker;
  worker = null;
  waiting.clear();
  void old?.then((started) => started?.terminate());
}

let follows = false;

function followNetwork(): void {
  if (follows) return;
  follows = true;
  window.addEventListener("online", () => void call("network", true));
  window.addEventListener("offline", () => void call("network", false));
}

function start(): Promise<Worker | null> {
  followNetwork();
  return load().catch(() => {
    tell({ type: "fatal", fault: "engine" });
    return null;
  });
}

async function load(): Promise<Worker> {
  const started = await startWorker(workerUrl, "snug");
  started.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
    if ("ok" in data) settle(data);
    else tell(data);
  });
  started.addEventListener("error", (event) => {
    event.preventDefault();
    tell({ type: "fatal", fault: "engine" });
  });
  return started;
}

function settle(answer: Answer): void {
  const asked = waiting.get(answer.id);
  waiting.delete(answer.id);
  if (answer.ok) asked?.resolve(answer.value);
  else asked?.reject(new Error(answer.message));
}

function tell(event: CoreEvent): void {
  for (const listener of listeners) listener(event);
}
