// Two people meet and talk through client.mjs; `cargo xtask test services` runs it.
//
// Needs a running stack: SNUG_URL, NODE_EXTRA_CA_CERTS (its CA), SNUG_MAIL (where its mails are
// printed) and SNUG_MLS (the built sidecar).
import assert from "node:assert/strict";
import { Account } from "./account.mjs";
import { Client } from "./client.mjs";

const { SNUG_URL: url, SNUG_MAIL: mail } = process.env;

const refused = (code, call) => assert.rejects(call, { code });

async function signIn(account) {
  const client = await Client.connect(url);
  await refused("unauthenticated", client.ask("sync", { cursors: {} }));
  const { username, password } = account;
  await refused("mfa-required", client.authenticate({ username, password }));
  assert.equal((await client.event("auth_error")).error.code, "mfa-required");
  await client.authenticate({ username, password, method: "totp", code: await account.code() });
  assert.equal((await client.event("auth_success")).user.username, username);
  await refused("device-required", client.ask("sync", { cursors: {} }));
  return client;
}

const people = await Promise.all(["ann", "ben"].map((name) => Account.signUp(url, mail, name)));
const [ann, ben] = await Promise.all(people.map(signIn));
const [annId, benId] = people.map((person) => person.user_id);

const asked = await ann.rest("POST", "/api/friend-requests/send", { user_id: benId });
const heard = await ben.event("friend_request_received");
assert.equal(heard.request_id, asked.request_id);
assert.equal(heard.user.user_id, annId);
await ben.rest("POST", "/api/friend-requests/accept", { request_id: heard.request_id });
assert.equal((await ann.event("friend_request_accepted")).user.user_id, benId);
assert.equal((await ann.event("contacts_updated")).contact.user_id, benId);
const contacts = await ben.rest("GET", "/api/contacts");
assert.deepEqual(contacts.map((one) => one.user_id), [annId]);

await ann.setUpDevice();
await ben.setUpDevice();
const room = await ann.startConversation(benId);
assert.equal(await ben.join(), room);
assert.equal((await ann.event("new_message")).kind, "commit", "it comes back to who made it");
const sent = await ann.send(benId, room, "Bonjour from Node");
const envelope = await ben.event("new_message");
assert.deepEqual([envelope.room_id, envelope.seq], [room, sent.seq]);
assert.equal(await ben.open(envelope), "Bonjour from Node");
await ben.send(annId, room, "And back");
const own = await ann.event("new_message");
assert.equal(own.seq, sent.seq, "one's own message comes back");
assert.equal(await ann.open(await ann.event("new_message")), "And back");

const loaded = await ann.ask("load_conversation", { contact_id: benId });
assert.deepEqual(loaded.messages.map((one) => one.seq), [1, 2, 3]);
assert.deepEqual(await ann.event("conversation_loaded"), loaded);
await ann.ask("ack", { cursors: { [room]: 3 } });
assert.deepEqual(await ben.event("delivered"), { room_id: room, user_id: annId, seq: 3 });
await refused("not-a-contact", ann.send(annId, room, "to myself"));
for (const client of [ann, ben]) client.close();
console.log("sign-up, sign-in, request, conversation: as they should be");
