// A client of Snug: REST by fetch, live events by socket.io-client, encryption by mls.mjs.
import { once } from "node:events";
import { io } from "socket.io-client";
import { Mls } from "./mls.mjs";

/** A problem (RFC 9457): decide by its `code`. */
export class Refused extends Error {
  constructor(problem) {
    super(`${problem.code}: ${problem.detail}`);
    this.code = problem.code;
  }
}

export class Client {
  mls = new Mls();
  #events = [];
  #waiting = [];

  static async connect(url) {
    const client = new Client();
    client.url = url;
    client.socket = io(url, { transports: ["websocket"] });
    client.socket.onAny((name, payload) => client.#take({ name, payload }));
    await once(client.socket, "connect");
    client.nonce = (await client.event("connected")).nonce;
    return client;
  }

  #take(event) {
    const place = this.#waiting.findIndex((one) => one.name === event.name);
    if (place < 0) this.#events.push(event);
    else this.#waiting.splice(place, 1)[0].resolve(event.payload);
  }

  /** The next event of this name. */
  event(name) {
    const place = this.#events.findIndex((one) => one.name === name);
    if (place >= 0) return Promise.resolve(this.#events.splice(place, 1)[0].payload);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ name, resolve });
      setTimeout(() => reject(new Error(`no ${name} within a minute`)), 60_000).unref();
    });
  }

  /** Sends an event and returns its acknowledgement. */
  async ask(event, payload) {
    const { ok, ...ack } = await this.socket.timeout(60_000).emitWithAck(event, payload);
    if (!ok) throw new Refused(ack.error);
    return ack;
  }

  /** A request with the session; its reply as JSON or bytes. */
  async rest(method, path, body) {
    const headers = { "content-type": "application/json" };
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    const reply = await fetch(this.url + path, { method, headers, body: body && JSON.stringify(body) });
    if (!reply.ok) throw new Refused(await reply.json());
    const isJson = reply.headers.get("content-type")?.startsWith("application/json");
    return isJson ? reply.json() : new Uint8Array(await reply.arrayBuffer());
  }

  /** Signs the socket in; the same session serves REST. */
  async authenticate(credentials) {
    const signed = await this.ask("authenticate", { ...credentials, transport: "bearer" });
    [this.token, this.me] = [signed.token, signed.user];
  }

  /** Registers a new device and proves it: rooms need that. */
  async setUpDevice() {
    const made = await this.mls.call("device", { user_id: this.me.user_id });
    const { device_id } = await this.rest("POST", "/api/keys", made.keys);
    this.device = device_id;
    const { signature } = await this.mls.call("prove", { nonce: this.nonce });
    await this.ask("device", { device_id, signature: bytes(signature) });
    await this.ask("sync", { cursors: {} });
  }

  /** Makes the direct room with a contact. */
  async startConversation(user) {
    const room_id = crypto.randomUUID();
    const claimed = await this.rest("POST", "/api/key-packages/claim", { user_ids: [user], suite: 3 });
    const key_packages = claimed.key_packages.map((one) => one.key_package);
    const made = await this.mls.call("create_room", { room_id, members: [user], key_packages });
    for (const part of ["commit", "welcome", "group_info", "tree"]) made[part] = bytes(made[part]);
    await this.ask("create_room", { room_id, ...made });
    await this.mls.call("merge", { room_id });
    return room_id;
  }

  /** Joins the room of the next invitation. */
  async join() {
    const { room_id, epoch, message } = await this.event("welcome");
    const tree = await this.rest("GET", `/api/rooms/${room_id}/tree?epoch=${epoch}`);
    await this.mls.call("join", { room_id, welcome: message, tree });
    await this.ask("welcome_done", { room_id });
    return room_id;
  }

  /** Sends a text to a contact. */
  async send(recipient_id, room_id, text) {
    const { message } = await this.mls.call("seal", { room_id, text });
    const client_id = crypto.randomUUID();
    return this.ask("send_private_message", { recipient_id, client_id, message: bytes(message) });
  }

  /** The text of an envelope; null for a commit, and for what came from this very device. */
  async open({ room_id, sender_user, sender_device, message }) {
    if (sender_device === this.device) return null;
    return (await this.mls.call("open", { room_id, sender_user, sender_device, message })).text;
  }

  close() {
    this.socket.close();
    this.mls.close();
  }
}

function bytes(base64) {
  return Buffer.from(base64, "base64");
}
