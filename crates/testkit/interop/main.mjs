// A person whose device runs ts-mls, told what to do line by line: `{"call": …}` in, `{"ok": …}` or
// `{"error": …}` out. crates/testkit/tests/interop is its other half.
import { createInterface } from "node:readline";
import { Account } from "../../../examples/socketio-node/account.mjs";
import { Client } from "./client.mjs";

const { SNUG_URL: url, SNUG_MAIL: mail } = process.env;
let client;

const calls = {
  /** The whole way through the gateway: form, mailed code, authenticator app, keys, socket. */
  async set_up({ name }) {
    const account = await Account.signUp(url, mail, name);
    client = await Client.setUp(url, account);
    return { user_id: account.user_id };
  },
  request: ({ user_id }) => client.request(user_id),
  create_room: ({ kind, users, name }) => client.createRoom(kind, users, name),
  commit: ({ room_id, add, remove }) => client.commit(room_id, { add, remove }),
  say: ({ room_id, text }) => client.say(room_id, text),
  room: ({ room_id }) => client.room(room_id),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { call, ...fields } = JSON.parse(line);
  let answer;
  try {
    answer = { ok: (await calls[call](fields)) ?? null };
    // What went wrong with an event is not lost.
    if (client?.faults.length > 0) answer = { error: client.faults.splice(0).join("\n") };
  } catch (error) {
    answer = { error: error.stack };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
client?.close();
