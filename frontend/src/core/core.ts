/** The page's side of the worker: calls with answers, events to whoever listens. */
// oxlint-disable-next-line import/default -- vite makes it
import workerUrl from "./worker/worker.ts?worker&url";
import { PAUSES } from "./again";
import type { Answer, Call, CoreEvent, CoreMethods, FromWorker, MethodName } from "./messages";
import { trusted } from "./trusted";

type Listener = (event: CoreEvent) => void;

interface Waiting {
  call: Call;
  resolve: (value: unknown) => void;
  reject: (fault: Error) => void;
}

let worker: Worker | null = null;
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
    waiting.set(call.id, { call, resolve, reject }),
  );
  worker.postMessage(call);
  return answer as Promise<ReturnType<CoreMethods[M]>>;
}

export function onCoreEvent(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function start(): Worker {
  window.addEventListener("online", () => void call("network", true));
  window.addEventListener("offline", () => void call("network", false));
  return load(0);
}

/** Loads the worker's script; when the network fails, again with all that was asked meanwhile. */
function load(tries: number): Worker {
  const started = new Worker(trusted(workerUrl), { type: "module", name: "snug" });
  started.addEventListener("message", ({ data }: MessageEvent<FromWorker>) => {
    if ("ok" in data) settle(data);
    else tell(data);
  });
  started.addEventListener("error", (event) => {
    event.preventDefault();
    const pause = PAUSES[tries];
    // A script that ran and failed says what and where; one that did not load says nothing.
    if (event instanceof ErrorEvent || pause === undefined) {
      tell({ type: "fatal", fault: "engine" });
      return;
    }
    setTimeout(() => {
      worker = load(tries + 1);
      for (const { call } of waiting.values()) worker.postMessage(call);
    }, pause);
  });
  return started;
}

function settle(answer: Answer): void {
  const call = waiting.get(answer.id);
  waiting.delete(answer.id);
  if (answer.ok) call?.resolve(answer.value);
  else call?.reject(new Error(answer.message));
}

function tell(event: CoreEvent): void {
  for (const listener of listeners) listener(event);
}
