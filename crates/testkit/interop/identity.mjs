// Who a device is: account key, credential of 169 bytes, device list, proof to the server
// (docs/encryption.md, "Identity").
import { idBytes, idText, number, numberIn, same } from "./ids.mjs";

const CREDENTIAL = "snug/device-credential/v1\0";
const LIST = "snug/device-list/v1\0";
const PROOF = "snug/device-proof/v1\0";

const seconds = () => Math.floor(Date.now() / 1000);

/** A person's first device, under a new account key. `signature` is the suite's, by ts-mls. */
export class Identity {
  static async make(signature, user) {
    const identity = new Identity();
    const [account, device] = [await signature.keygen(), await signature.keygen()];
    Object.assign(identity, { signature, user, account, keys: device, device: crypto.randomUUID() });
    const signed = Buffer.concat([
      number(1, 1),
      idBytes(user),
      idBytes(identity.device),
      device.publicKey,
      account.publicKey,
      number(seconds(), 8),
    ]);
    identity.credential = Buffer.concat([signed, await identity.#bySignature(CREDENTIAL, signed)]);
    return identity;
  }

  /** The first list: this device alone. */
  async deviceList() {
    const list = Buffer.concat([
      number(1, 1),
      idBytes(this.user),
      number(1, 8),
      number(1, 2),
      idBytes(this.device),
      number(0, 2),
    ]);
    return Buffer.concat([list, await this.#bySignature(LIST, list)]);
  }

  /** For the event `device`: over the nonce of `connected`. */
  async prove(nonce) {
    const ids = [idBytes(this.user), idBytes(this.device)];
    const message = Buffer.concat([Buffer.from(PROOF), ...ids, nonce]);
    return Buffer.from(await this.signature.sign(this.keys.signKey, message));
  }

  async #bySignature(label, bytes) {
    return this.signature.sign(this.account.signKey, Buffer.concat([Buffer.from(label), bytes]));
  }
}

/** The account keys that were seen, by user: another one is refused from then on. */
export class Pins {
  #keys = new Map();

  check(user, key) {
    const pinned = this.#keys.get(user) ?? key;
    if (!same(pinned, key)) throw new Error(`another account key of ${user}`);
    this.#keys.set(user, pinned);
  }
}

/** What a leaf's credential says. Throws when it is not signed, or is of another leaf. */
export async function openCredential(signature, bytes, signatureKey) {
  const credential = Buffer.from(bytes);
  if (credential.length !== 169 || credential[0] !== 1) throw new Error("no credential of ours");
  const account = credential.subarray(65, 97);
  if (!same(credential.subarray(33, 65), signatureKey)) throw new Error("credential of another leaf");
  await verify(signature, account, CREDENTIAL, credential);
  const [user, device] = [credential.subarray(1, 17), credential.subarray(17, 33)];
  return { user: idText(user), device: idText(device), account };
}

/** The devices that a person's signed list names as living. */
export async function openList(signature, bytes, user, account) {
  const list = Buffer.from(bytes);
  await verify(signature, account, LIST, list);
  if (list[0] !== 1 || idText(list.subarray(1, 17)) !== user) throw new Error("device list of another");
  const count = numberIn(list.subarray(25, 27));
  return Array.from({ length: count }, (_, at) => idText(list.subarray(27 + 16 * at, 43 + 16 * at)));
}

/** A signature of 64 bytes at the end. */
async function verify(signature, key, label, bytes) {
  const [signed, by] = [bytes.subarray(0, -64), bytes.subarray(-64)];
  const message = Buffer.concat([Buffer.from(label), signed]);
  if (!(await signature.verify(key, message, by))) throw new Error("signature does not verify");
}
