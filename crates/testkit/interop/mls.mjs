// Groups by ts-mls: its own tree, key schedule, ratchets and HPKE. Nothing of crates/e2ee is used.
import {
  createApplicationMessage,
  createCommit,
  createGroup,
  decodeMlsMessage,
  defaultKeyPackageEqualityConfig,
  emptyPskIndex,
  encodeMlsMessage,
  encodeRequiredCapabilities,
  generateKeyPackageWithKey,
  getCiphersuiteFromName,
  getCiphersuiteImpl,
  joinGroup,
  processMessage,
} from "ts-mls";
import { createGroupInfo } from "ts-mls/createCommit.js";
import { makeKeyPackageRef } from "ts-mls/keyPackage.js";
import { decodeRatchetTree, encodeRatchetTree } from "ts-mls/ratchetTree.js";
import { idBytes, idText, number, numberIn, same } from "./ids.mjs";
import { openCredential, Pins } from "./identity.mjs";

const SUITE = "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519";
const POLICY = 0xf0c1;
const LAST_RESORT = 0x000a;
const DAY = 86_400n;

export const suite = await getCiphersuiteImpl(getCiphersuiteFromName(SUITE));

const CAPABILITIES = {
  versions: ["mls10"],
  ciphersuites: [SUITE],
  extensions: [POLICY, LAST_RESORT],
  proposals: [],
  credentials: ["basic"],
};
const REQUIRED = encodeRequiredCapabilities({
  extensionTypes: [POLICY],
  proposalTypes: [],
  credentialTypes: ["basic"],
});

/** The MLS state of a device: its key packages and rooms. */
export class Mls {
  #packages = [];
  #rooms = new Map();
  #pins = new Pins();

  constructor(identity) {
    this.identity = identity;
    this.config = {
      // The content is padded and the server orders. With 0 epochs ts-mls would keep all of them.
      paddingConfig: { kind: "padUntilLength", padUntilLength: 0 },
      keyRetentionConfig: {
        retainKeysForGenerations: 2,
        retainKeysForEpochs: 1,
        maximumForwardRatchetSteps: 10_000,
      },
      lifetimeConfig: { maximumTotalLifetime: 395n * DAY, validateLifetimeOnReceive: true },
      keyPackageEqualityConfig: defaultKeyPackageEqualityConfig,
      authService: { validateCredential: (credential, key) => this.#isOurs(credential, key) },
    };
  }

  /** A key package, framed, whose private half is kept. */
  async keyPackage(lastResort = false) {
    const now = BigInt(Math.floor(Date.now() / 1000));
    const made = await generateKeyPackageWithKey(
      { credentialType: "basic", identity: this.identity.credential },
      CAPABILITIES,
      { notBefore: now - 30n * DAY, notAfter: now + 365n * DAY },
      lastResort ? [{ extensionType: LAST_RESORT, extensionData: new Uint8Array() }] : [],
      this.identity.keys,
      suite,
    );
    this.#packages.push(made);
    return framed("mls_key_package", { keyPackage: made.publicPackage });
  }

  /** A room whose first commit adds the devices behind these key packages; pending like any commit. */
  async create(room, kind, admins, packages) {
    const policy = Buffer.concat([
      number(1, 1),
      number(kind === "group" ? 1 : 0, 1),
      number(admins.length, 2),
      ...admins.map(idBytes),
    ]);
    await this.keyPackage();
    const { publicPackage, privatePackage } = this.#packages.pop();
    const extensions = [
      { extensionType: "required_capabilities", extensionData: REQUIRED },
      { extensionType: POLICY, extensionData: policy },
    ];
    const id = idBytes(room);
    const state = await createGroup(id, publicPackage, privatePackage, extensions, suite, this.config);
    this.#rooms.set(room, state);
    const made = await this.commit(room, { add: packages });
    const tree = Buffer.from(encodeRatchetTree(made.next.ratchetTree));
    return { ...made, sent: { ...made.sent, tree } };
  }

  /**
   * A commit that adds and removes devices, or renews the own leaf: what to send, and the state to
   * `accept` once the server took it.
   */
  async commit(room, { add = [], remove = [] }) {
    const state = this.#rooms.get(room);
    const packages = add.map(({ device_id, key_package }) => {
      const { keyPackage } = unframed("mls_key_package", key_package);
      return { device_id, keyPackage };
    });
    const leaves = await this.leaves(room);
    const removed = remove.map((device) => leaves.find((leaf) => leaf.device === device).index);
    const extraProposals = [
      ...packages.map(({ keyPackage }) => ({ proposalType: "add", add: { keyPackage } })),
      ...removed.map((index) => ({ proposalType: "remove", remove: { removed: index } })),
    ];
    const context = { state, cipherSuite: suite };
    const made = await createCommit(context, { wireAsPublicMessage: true, extraProposals });
    const info = await groupInfo(made.newState);
    const devices = packages.map(async ({ device_id, keyPackage }) => ({
      device_id,
      key_package_ref: Buffer.from(await makeKeyPackageRef(keyPackage, suite.hash)).toString("base64"),
    }));
    const sent = {
      commit: Buffer.from(encodeMlsMessage(made.commit)),
      devices: await Promise.all(devices),
      group_info: framed("mls_group_info", { groupInfo: info }),
    };
    if (made.welcome) sent.welcome = framed("mls_welcome", { welcome: made.welcome });
    return { sent, next: made.newState };
  }

  accept(room, next) {
    this.#rooms.set(room, next);
  }

  /** Joins by a welcome that was cut for this device, and the tree of its epoch. */
  async join(room, message, tree) {
    const { welcome } = unframed("mls_welcome", message);
    if (welcome.secrets.length !== 1) throw new Error("a welcome for others too");
    const used = await this.#packageOf(welcome.secrets[0].newMember);
    const decoded = decodeRatchetTree(tree, 0)?.[0];
    const { publicPackage, privatePackage } = used;
    const joined = await joinGroup(
      welcome,
      publicPackage,
      privatePackage,
      emptyPskIndex,
      suite,
      decoded,
      undefined,
      this.config,
    );
    if (!same(joined.groupContext.groupId, idBytes(room))) throw new Error("welcome to another room");
    this.#rooms.set(room, joined);
    this.#packages = this.#packages.filter((one) => one !== used);
    return this.policy(room);
  }

  async seal(room, content) {
    const state = this.#rooms.get(room);
    const { newState, privateMessage } = await createApplicationMessage(state, content, suite);
    this.#rooms.set(room, newState);
    return framed("mls_private_message", { privateMessage });
  }

  /** The plaintext of a message; `null` for a commit, which is merged. */
  async open(room, message) {
    const [decoded] = decodeMlsMessage(message, 0);
    const take = () => "accept";
    const done = await processMessage(decoded, this.#rooms.get(room), emptyPskIndex, take, suite);
    this.#rooms.set(room, done.newState);
    return done.kind === "applicationMessage" ? done.message : null;
  }

  has(room) {
    return this.#rooms.has(room);
  }

  epoch(room) {
    return Number(this.#rooms.get(room).groupContext.epoch);
  }

  /** Equal on all devices of an epoch, and of no other (RFC 9420, section 8.7). */
  authenticator(room) {
    return Buffer.from(this.#rooms.get(room).keySchedule.epochAuthenticator);
  }

  /** Whether this device is still in the room. */
  isIn(room) {
    return this.#rooms.get(room).groupActiveState.kind === "active";
  }

  /** Who is in the room, each leaf's credential opened. */
  async leaves(room) {
    const nodes = this.#rooms.get(room).ratchetTree.entries();
    const leaves = [...nodes].filter(([, node]) => node?.nodeType === "leaf");
    const open = async ([place, { leaf }]) => {
      const credential = leaf.credential.identity;
      const opened = await openCredential(suite.signature, credential, leaf.signaturePublicKey);
      return { ...opened, index: place / 2 };
    };
    return Promise.all(leaves.map(open));
  }

  /** What the group context says of a room. */
  policy(room) {
    const { extensions } = this.#rooms.get(room).groupContext;
    const of = (type) => extensions.find(({ extensionType }) => extensionType === type)?.extensionData;
    const [required, bytes] = [of("required_capabilities"), of(POLICY)];
    const only = extensions.length === 2 && required && bytes && same(required, REQUIRED);
    if (!only || bytes[0] !== 1) throw new Error("no context of ours");
    const count = numberIn(bytes.subarray(2, 4));
    if (bytes.length !== 4 + 16 * count) throw new Error("no policy of ours");
    const admins = Array.from({ length: count }, (_, at) =>
      idText(bytes.subarray(4 + 16 * at, 20 + 16 * at)),
    );
    return { kind: bytes[1] === 1 ? "group" : "direct", admins };
  }

  async #packageOf(reference) {
    for (const one of this.#packages) {
      if (same(await makeKeyPackageRef(one.publicPackage, suite.hash), reference)) return one;
    }
    throw new Error("a welcome for another key package");
  }

  /** ts-mls asks of every leaf that it takes. */
  async #isOurs(credential, key) {
    try {
      const { user, account } = await openCredential(suite.signature, credential.identity, key);
      this.#pins.check(user, account);
      return true;
    } catch {
      return false;
    }
  }
}

/**
 * The group info that others join by. The key is written here: ts-mls leaves out the length that
 * stands before an HPKEPublicKey (RFC 9420, section 12.4.3.1), and its own external joins with it.
 */
async function groupInfo(state) {
  const { publicKey } = await suite.hpke.deriveKeyPair(state.keySchedule.externalSecret);
  const key = await suite.hpke.exportPublicKey(publicKey);
  const extensionData = Buffer.concat([number(key.length, 1), key]);
  const extensions = [{ extensionType: "external_pub", extensionData }];
  return createGroupInfo(state.groupContext, state.confirmationTag, state, extensions, suite);
}

function framed(wireformat, content) {
  return Buffer.from(encodeMlsMessage({ version: "mls10", wireformat, ...content }));
}

function unframed(wireformat, bytes) {
  const [message, end] = decodeMlsMessage(bytes, 0) ?? [];
  if (message?.wireformat !== wireformat || end !== bytes.length) throw new Error(`no ${wireformat}`);
  return message;
}
