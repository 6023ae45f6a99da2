// A client of Snug: REST by fetch, live events by socket.io-client, one thing after the other.
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { io } from "socket.io-client";
import * as content from "./content.mjs";
import { Identity, openCredential, openList } from "./identity.mjs";
import { Mls, suite } from "./mls.mjs";

/** Key packages that are made with the device. */
const PACKAGES = 10;

/** A problem (RFC 9457): decide by its `code`. */
class Refused extends Error {
  constructor(problem) {
    super(`${problem.code}: ${problem.detail} ${JSON.stringify(problem)}`);
    this.code = problem.code;
  }
}

export class Client {
  /** What was said in each room, as `{user, text}` or `{user, name}`. */
  said = new Map();
  /** What an event could not be handled for. */
  faults = [];
  #last = Promise.resolve();

  /** With the session of `account`: a new device, registered, proved and live. */
  static async setUp(url, { token, user_id: user }) {
    const client = Object.assign(new Client(), { url, token, user });
    client.identity = await Identity.make(suite.signature, user);
    client.mls = new Mls(client.identity);
    await client.#register();
    client.socket = io(url, { transports: ["websocket"], auth: { token }, autoConnect: false });
    const connected = once(client.socket, "connected");
    client.socket.onAny((name, payload) => client.#hear(name, payload));
    client.socket.connect();
    const [{ nonce }] = await connected;
    const signature = await client.identity.prove(Buffer.from(nonce, "base64"));
    await client.#ask("device", { device_id: client.identity.device, signature });
    await client.#ask("sync", { cursors: {} });
    return client;
  }

  async #register() {
    const base64 = (bytes) => Buffer.from(bytes).toString("base64");
    const packages = [];
    for (let left = PACKAGES; left > 0; left--) packages.push(base64(await this.mls.keyPackage()));
    const { account, credential, device } = this.identity;
    const made = await this.#rest("POST", "/api/keys", {
      account_key: base64(account.publicKey),
      device_list: base64(await this.identity.deviceList()),
      device: { name: "ts-mls", credential: base64(credential) },
      key_packages: packages,
      last_resort: base64(await this.mls.keyPackage(true)),
    });
    if (made.device_id !== device) throw new Error("the server reads another device id");
  }

  /** Asks somebody to be a contact. */
  async request(user_id) {
    return this.#rest("POST", "/api/friend-requests/send", { user_id });
  }

  /** Makes a direct room with somebody, or a group with a name; its id. */
  createRoom(kind, users, name) {
    return this.#inTurn(async () => {
      const room_id = crypto.randomUUID();
      const packages = await this.#claim(users);
      const admins = kind === "group" ? [this.user] : [this.user, ...users];
      const { sent, next } = await this.mls.create(room_id, kind, admins, packages);
      await this.#ask("create_room", { room_id, kind, ...sent });
      this.mls.accept(room_id, next);
      if (name) await this.#send(room_id, content.name(name));
      return room_id;
    });
  }

  /** Adds people or removes them; without any it renews this device's keys. */
  commit(room_id, { add = [], remove = [] }) {
    return this.#inTurn(async () => {
      const packages = add.length > 0 ? await this.#claim(add) : [];
      const leaves = await this.mls.leaves(room_id);
      const devices = leaves.filter((leaf) => remove.includes(leaf.user)).map((leaf) => leaf.device);
      return this.#commit(room_id, packages, devices);
    });
  }

  /** Says something. */
  async say(room_id, words) {
    for (;;) {
      try {
        return await this.#inTurn(() => this.#send(room_id, content.text(words)));
      } catch (error) {
        if (error.code !== "stale-epoch") throw error;
        // The commit that made it so waits for its turn.
        await pause(20);
      }
    }
  }

  /** What this device knows of a room; `null` when it has none. */
  room(room_id) {
    return this.#inTurn(async () => {
      if (!this.mls.has(room_id)) return null;
      const leaves = await this.mls.leaves(room_id);
      return {
        ...this.mls.policy(room_id),
        epoch: this.mls.epoch(room_id),
        authenticator: this.mls.authenticator(room_id).toString("hex"),
        active: this.mls.isIn(room_id),
        members: leaves.map((leaf) => leaf.user).sort(),
        said: this.said.get(room_id) ?? [],
      };
    });
  }

  close() {
    this.socket.close();
  }

  async #send(room_id, plain) {
    const message = await this.mls.seal(room_id, plain);
    return this.#ask("message", { room_id, client_id: crypto.randomUUID(), message });
  }

  async #commit(room_id, packages, devices) {
    const { sent, next } = await this.mls.commit(room_id, { add: packages, remove: devices });
    const ack = await this.#ask("commit", { room_id, client_id: crypto.randomUUID(), ...sent });
    this.mls.accept(room_id, next);
    return ack;
  }

  /** A key package of each device that these people have signed for. */
  async #claim(user_ids) {
    const claimed = await this.#rest("POST", "/api/key-packages/claim", { user_ids, suite: 3 });
    for (const user of user_ids) {
      const told = await this.#rest("GET", `/api/users/${user}/devices`);
      const account = Buffer.from(told.account_key, "base64");
      const list = Buffer.from(told.device_list, "base64");
      const signed = await openList(suite.signature, list, user, account);
      const of = claimed.key_packages.filter((one) => one.user_id === user);
      const unsigned = of.find((one) => !signed.includes(one.device_id));
      if (of.length === 0 || unsigned) throw new Error(`the devices of ${user} are not as signed`);
    }
    return claimed.key_packages.map(({ device_id, key_package }) => ({
      device_id,
      key_package: Buffer.from(key_package, "base64"),
    }));
  }

  #hear(name, payload) {
    const handle = { welcome: "join", new_message: "take", message: "take", commit_wanted: "remove" };
    const method = handle[name];
    if (!method) return;
    this.#inTurn(() => this[`_${method}`](payload)).catch((error) => {
      this.faults.push(`${name}: ${error.stack}`);
    });
  }

  async _join({ room_id, epoch, message }) {
    const tree = await this.#rest("GET", `/api/rooms/${room_id}/tree?epoch=${epoch}`);
    await this.mls.join(room_id, message, tree);
    await this.#ask("welcome_done", { room_id });
  }

  async _take({ room_id, seq, sender_user: user, sender_device, message }) {
    // What this device sent comes back; it was merged when the server took it.
    if (sender_device !== this.identity.device) {
      const plain = await this.mls.open(room_id, message);
      const said = this.said.get(room_id) ?? [];
      if (plain) this.said.set(room_id, [...said, { user, ...content.decode(plain) }]);
    }
    await this.#ask("ack", { cursors: { [room_id]: seq } });
  }

  async _remove({ room_id, remove }) {
    await this.#commit(room_id, [], remove);
  }

  /** Nothing runs beside: each step of MLS starts from the state that the last one left. */
  #inTurn(step) {
    const done = this.#last.then(step);
    this.#last = done.catch(() => {});
    return done;
  }

  /** Sends an event and returns its acknowledgement. */
  async #ask(event, payload) {
    const { ok, ...ack } = await this.socket.timeout(20_000).emitWithAck(event, payload);
    if (!ok) throw new Refused(ack.error);
    return ack;
  }

  /** A request with the session; its reply as JSON or bytes. */
  async #rest(method, path, body) {
    const headers = { "content-type": "application/json", authorization: `Bearer ${this.token}` };
    const reply = await fetch(this.url + path, { method, headers, body: body && JSON.stringify(body) });
    if (!reply.ok) throw new Refused(await reply.json());
    const isJson = reply.headers.get("content-type")?.startsWith("application/json");
    return isJson ? reply.json() : Buffer.from(await reply.arrayBuffer());
  }
}
