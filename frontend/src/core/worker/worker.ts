/** The worker: keys, records, the socket and the engine live here. */
import type { Account, Call, CoreEvent, CoreMethods, FromWorker } from "../messages";
import { prepareFile } from "./files/prepare";
import { NotSendable } from "./pictures/prepare";
import { roomPicture } from "./pictures/room-picture";
import { Session } from "./session";

const post: (message: FromWorker) => void = self.postMessage.bind(self);
const tell = (event: CoreEvent) => post(event);

let session: Session | null = null;

function current(): Session {
  if (!session) throw new Error("no account is open");
  return session;
}

async function replaceSession(account: Account | null): Promise<void> {
  const old = session;
  session = null;
  await old?.close();
  if (account) session = new Session(account, tell);
}

type Served = {
  [M in keyof CoreMethods]: (
    ...args: Parameters<CoreMethods[M]>
  ) => ReturnType<CoreMethods[M]> | Promise<ReturnType<CoreMethods[M]>>;
};

const methods: Served = {
  async open(account) {
    if (session?.account.user_id !== account.user_id) await replaceSession(account);
    else if (account.signed_in) session.signedIn();
    await current().opened;
  },
  signedIn: () => current().signedIn(),
  command: (command) => current().command(command),
  async prepareFile(file) {
    try {
      return { ok: true, picture: await prepareFile(file) };
    } catch (fault) {
      if (fault instanceof NotSendable) return { ok: false, fault: fault.fault };
      throw fault;
    }
  },
  sendPicture: (sent) => current().sendPicture(sent),
  sendFile: (sent) => current().sendFile(sent),
  openPicture: (key, attachment, picture) => current().openPicture(key, attachment, picture),
  openFile: (key, attachment, file) => current().openFile(key, attachment, file),
  stopOpening: (key) => current().stopOpening(key),
  async setRoomPicture(room_id, file) {
    try {
      const picture = file && (await roomPicture(file));
      current().command({ type: "set_room_picture", room_id, picture });
      return null;
    } catch (fault) {
      if (fault instanceof NotSendable) return fault.fault;
      throw fault;
    }
  },
  history: (range) => current().history(range),
  search: (query, range) => current().search(query, range),
  recall: (name) => current().recall(name),
  keep: (name, value) => current().keep(name, value),
  forget: (conversation) => current().forget(conversation),
  setLock: (key, kdf) => current().setLock(key, kdf),
  unlock: (key) => current().unlock(key),
  changeLock: (now, key, kdf) => current().changeLock(now, key, kdf),
  removeLock: (now) => current().removeLock(now),
  lock: () => current().shut(),
  takeOver: () => current().takeOver(),
  reconnect: () => current().reconnect(),
  network(online) {
    if (online) session?.reconnect();
    else session?.interrupt();
  },
  close: () => replaceSession(null),
  async erase() {
    const { account } = current();
    await replaceSession(null);
    await Session.erase(account);
  },
};

self.addEventListener("message", (event: MessageEvent<Call>) => void answer(event.data));

async function answer(call: Call): Promise<void> {
  try {
    const method = methods[call.method] as (...args: unknown[]) => unknown;
    const value = await method(...call.args);
    post({ id: call.id, ok: true, value });
  } catch (fault) {
    const message = fault instanceof Error ? fault.message : String(fault);
    post({ id: call.id, ok: false, message });
  }
}
