/** Runs the engine of one account: inputs in, effects carried out in order. */
import { ApiError, exchange, upload } from "../api";
import type { Method } from "@/protocol.gen";
import type { Effect, Input, Notice, Outcome } from "../engine.gen";
import type { CoreEvent } from "../messages";
import { type Engine, startEngine } from "./engine";
import { Files } from "./files/files";
import { Socket } from "./socket";
import { NotTheWriter, type Store } from "./store";

const STATE = "state/";

interface HostOptions {
  store: Store;
  tell: (event: CoreEvent) => void;
  /** Another tab writes now. */
  displaced: () => void;
}

export class Host {
  readonly #store: Store;
  readonly #tell: (event: CoreEvent) => void;
  readonly #displaced: () => void;
  readonly #engine: Engine;
  /** The pictures and files. */
  readonly files: Files;
  /** Uploads under way, by their record. */
  readonly #uploads = new Map<string, AbortController>();
  /** Ends with the host. */
  readonly #requests = new AbortController();
  readonly #socket: Socket;
  readonly #inputs: Input[] = [];
  #running = false;
  #stopped = false;
  #wake: ReturnType<typeof setTimeout> | undefined;
  #openGate: () => void = () => undefined;
  /** Requests wait here until there is a session. */
  readonly #signedIn = new Promise<void>((resolve) => {
    this.#openGate = resolve;
  });

  private constructor({ store, tell, displaced }: HostOptions, engine: Engine) {
    this.#store = store;
    this.#tell = tell;
    this.#displaced = displaced;
    this.#engine = engine;
    this.files = new Files({ store, engine, signedIn: this.#signedIn, tell });
    this.#socket = new Socket({
      connected: (connected) => this.input({ type: "connected", connected }),
      disconnected: () => this.input({ type: "disconnected" }),
      event: (event) => this.input({ type: "event", event }),
      people: (name, payload) => tell(peopleEvent(name, payload)),
      // After what the engine makes of the events before: it may know why.
      sessionOver: () => void this.#finished.then(() => tell({ type: "session_over" })),
    });
  }

  static async start(options: HostOptions): Promise<Host> {
    const { records, damaged } = await options.store.load(STATE);
    // The engine makes up for what does not open: it is told which by an empty value.
    const empty = damaged.map((key) => ({ key, value: new Uint8Array() }));
    const host = new Host(options, await startEngine([...records, ...empty]));
    host.input({ type: "started" });
    return host;
  }

  signIn(): void {
    this.#openGate();
    this.#socket.connect();
  }

  reconnect(): void {
    this.#socket.hurry();
  }

  interrupt(): void {
    this.#socket.interrupt();
  }

  /** Inputs are taken one at a time, each when the effects of the one before are done. */
  input(input: Input): void {
    if (this.#stopped) return;
    this.#inputs.push(input);
    if (!this.#running) void this.#run();
  }

  /** Resolves when nothing of this host touches the records any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#inputs.length = 0;
    clearTimeout(this.#wake);
    this.#socket.close();
    this.files.stop();
    for (const running of this.#uploads.values()) running.abort();
    this.#requests.abort();
    await this.#finished;
  }

  #finished: Promise<void> = Promise.resolve();

  async #run(): Promise<void> {
    this.#running = true;
    let finish: () => void = () => undefined;
    this.#finished = new Promise((resolve) => {
      finish = resolve;
    });
    try {
      for (let input = this.#inputs.shift(); input; input = this.#inputs.shift()) {
        await this.#carryOut(this.#step(input));
      }
    } catch (fault) {
      this.#fail(fault);
    } finally {
      this.#running = false;
      finish();
    }
  }

  /** An input that does not fit is dropped: what it stood for is found by the next sync. */
  #step(input: Input): Effect[] {
    try {
      return this.#engine.step(input, Date.now());
    } catch (fault) {
      if (fault instanceof WebAssembly.RuntimeError) throw fault;
      return [];
    }
  }

  async #carryOut(effects: Effect[]): Promise<void> {
    let notices: Notice[] = [];
    for (const effect of effects) {
      if (effect.type === "notify") {
        notices.push(effect.notice);
        continue;
      }
      if (notices.length > 0) this.#tell({ type: "notices", notices });
      notices = [];
      switch (effect.type) {
        case "persist":
          // First: what is being fetched is not kept behind it.
          for (const key of effect.deletes) this.files.drop(key);
          await this.#store.commit(effect.puts as Parameters<Store["commit"]>[0], effect.deletes);
          for (const key of effect.deletes) this.#uploads.get(key)?.abort();
          break;
        case "read":
          void this.#read(effect);
          break;
        case "upload":
          void this.#upload(effect);
          break;
        case "request":
          void this.#request(effect);
          break;
        case "multipart":
          void this.#multipart(effect);
          break;
        case "emit":
          void this.#emit(effect);
          break;
        case "wake":
          this.#wakeAt(effect.at);
          break;
      }
    }
    if (notices.length > 0) this.#tell({ type: "notices", notices });
  }

  /** What the engine wants to know of its own records. */
  async #read({ id, range }: Effect & { type: "read" }): Promise<void> {
    const outcome = await outcomeOf(async () => {
      const records = await this.#store.pick(range);
      return { type: "records", records };
    });
    this.#reply(id, outcome);
  }

  async #request(request: Effect & { type: "request" }): Promise<void> {
    await this.#signedIn;
    if (this.#stopped) return;
    const outcome = await answerOf(request);
    if (outcome.type === "problem" && outcome.problem.code === "step-up-required") {
      const { challenge_id, methods } = outcome.problem as unknown as StepUp;
      this.#tell({ type: "step_up", challenge_id, methods });
    }
    this.#reply(request.id, outcome);
  }

  async #upload({ id, room_id, file }: Effect & { type: "upload" }): Promise<void> {
    await this.#signedIn;
    if (this.#stopped) return;
    const running = new AbortController();
    this.#uploads.set(file, running);
    const outcome = await outcomeOf(async () => {
      const sealed = await this.#store.read(file);
      const form = new FormData();
      form.append("room_id", room_id);
      form.append("file", new Blob(sealed ? [sealed] : []));
      const value = await upload("/api/messages/image", form, {
        signal: running.signal,
        progress: (done) => this.#tell({ type: "transfer", file, done }),
      });
      return { type: "json", value };
    });
    this.#uploads.delete(file);
    this.#tell({ type: "transfer", file, done: null });
    this.#reply(id, outcome);
  }

  /** What is too large for an event. */
  async #multipart({ id, path, head, parts }: Effect & { type: "multipart" }): Promise<void> {
    await this.#signedIn;
    if (this.#stopped) return;
    const outcome = await outcomeOf(async () => {
      const form = new FormData();
      form.append("head", JSON.stringify(head));
      for (const { name, value } of parts) form.append(name, new Blob([value as BlobPart]));
      const { signal } = this.#requests;
      const value = await upload(path, form, { signal, progress: () => undefined });
      return { type: "json", value };
    });
    this.#reply(id, outcome);
  }

  async #emit({ id, event }: Effect & { type: "emit" }): Promise<void> {
    const outcome = await this.#socket.emit(event);
    if (outcome) this.#reply(id, outcome);
  }

  #reply(id: number, outcome: Outcome): void {
    this.input({ type: "reply", id, outcome });
  }

  #wakeAt(at: number): void {
    clearTimeout(this.#wake);
    const pause = Math.min(Math.max(at - Date.now(), 0), 0x7fffffff);
    this.#wake = setTimeout(() => this.input({ type: "tick" }), pause);
  }

  #fail(fault: unknown): void {
    void this.stop();
    if (fault instanceof NotTheWriter) this.#displaced();
    else
      this.#tell({
        type: "fatal",
        fault: fault instanceof DOMException ? "storage" : "engine",
      });
  }
}

interface StepUp {
  challenge_id: string;
  methods: Method[];
}

function answerOf(request: Effect & { type: "request" }): Promise<Outcome> {
  return outcomeOf(async () => {
    const response = await exchange({
      method: request.method,
      path: request.path,
      ...(request.body !== null && { body: request.body }),
    });
    if (request.response === "bytes") {
      return { type: "bytes", value: new Uint8Array(await response.arrayBuffer()) };
    }
    const text = await response.text();
    return { type: "json", value: text ? JSON.parse(text) : null };
  });
}

async function outcomeOf(ask: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await ask();
  } catch (fault) {
    if (fault instanceof ApiError) return { type: "problem", problem: fault.problem };
    return {
      type: "problem",
      problem: {
        type: "/problems/unavailable",
        title: "The service is not available at the moment",
        status: 503,
        detail: "The server was not reached.",
        code: "unavailable",
      },
    };
  }
}

function peopleEvent(name: string, payload: unknown): CoreEvent {
  return (
    name === "contacts_updated" ? { type: name, update: payload } : { type: name, request: payload }
  ) as CoreEvent;
}
