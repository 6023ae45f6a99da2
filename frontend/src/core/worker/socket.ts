/** The Socket.IO connection of one device, by the session's cookie. */
import type { Connected } from "@/protocol.gen";
import { io, type Socket as IoSocket } from "socket.io-client";
import { type ClientEvent, engineEvents, type Outcome, type ServerEvent } from "../engine.gen";

/** How long an acknowledgement may take before the message is sent again. */
const ACK_TIMEOUT = 20_000;

const peopleEvents = [
  "friend_request_received",
  "friend_request_accepted",
  "contacts_updated",
] as const;
export type PeopleEventName = (typeof peopleEvents)[number];

export interface SocketHandlers {
  connected: (connected: Connected) => void;
  disconnected: () => void;
  event: (event: ServerEvent) => void;
  people: (name: PeopleEventName, payload: unknown) => void;
  sessionOver: () => void;
}

export class Socket {
  readonly #io: IoSocket;

  constructor(handlers: SocketHandlers) {
    this.#io = io(globalThis.origin, {
      autoConnect: false,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      reconnectionDelay: 500,
      reconnectionDelayMax: 10_000,
      timeout: 10_000,
    });
    this.#io.on("connected", (connected: Connected) => {
      if (connected.user_id) handlers.connected(connected);
      else {
        this.#io.disconnect();
        handlers.sessionOver();
      }
    });
    this.#io.on("disconnect", (reason) => {
      handlers.disconnected();
      // The server closed it; the client library leaves it at that.
      if (reason === "io server disconnect") this.#again();
    });
    this.#io.on("connect_error", (error) => {
      if (error.message === "unauthenticated" || error.message === "session-ended") {
        this.#io.disconnect();
        handlers.sessionOver();
      } else if (!this.#io.active) this.#again();
    });
    for (const name of engineEvents) {
      this.#io.on(name, (payload: unknown) => {
        if (name === "displaced" || name === "session_ended") this.#stayClosed = true;
        handlers.event({ name, payload: payload ?? null } as ServerEvent);
        // An engine without keys has its own reason to stand still, and says nothing of this one.
        if (name === "session_ended") handlers.sessionOver();
      });
    }
    for (const name of peopleEvents) {
      this.#io.on(name, (payload: unknown) => handlers.people(name, payload));
    }
  }

  /** Set when the server said goodbye for a reason that a new connection would not mend. */
  #stayClosed = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  connect(): void {
    this.#stayClosed = false;
    clearTimeout(this.#timer);
    this.#io.connect();
  }

  /** Connects now, whatever pause is under way. */
  hurry(): void {
    if (this.#io.connected) return;
    this.#io.disconnect();
    this.connect();
  }

  /** The network is gone: waiting for a missed heartbeat would take most of a minute. */
  interrupt(): void {
    this.#io.io.engine?.close();
  }

  close(): void {
    this.#stayClosed = true;
    clearTimeout(this.#timer);
    this.#io.disconnect();
  }

  /** Emits and waits for the acknowledgement; `null` when the socket is gone meanwhile. */
  async emit(event: ClientEvent): Promise<Outcome | null> {
    const { connected, id } = this.#io;
    if (!connected) return null;
    try {
      const value: unknown = await this.#io
        .timeout(ACK_TIMEOUT)
        .emitWithAck(event.name, event.payload);
      return { type: "json", value };
    } catch {
      if (this.#io.id !== id) return null;
      return { type: "problem", problem: timeout };
    }
  }

  #again(): void {
    if (this.#stayClosed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#io.connect(), 1_500);
  }
}

const timeout = {
  type: "/problems/timeout",
  title: "The request took too long",
  status: 504,
  detail: "No acknowledgement came.",
  code: "timeout",
} as const;
