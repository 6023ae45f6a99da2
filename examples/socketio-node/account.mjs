// Signs up as a person does: form, code from the mail, first code of the authenticator app.
import { createHmac, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** RFC 6238: SHA-1, 6 digits, 30 seconds. */
function totp(secret, step) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((one) => alphabet.indexOf(one).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac("sha1", key).update(counter).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

const now = () => Math.floor(Date.now() / 30_000);

/** Complete: with a confirmed address, an authenticator app and a session. */
export class Account {
  static async signUp(url, mail, name) {
    const account = new Account();
    const post = async (path, body) => {
      const reply = await fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      if (!reply.ok) throw new Error(`${path}: ${await reply.text()}`);
      return reply.json();
    };
    account.username = name + randomBytes(4).toString("hex");
    account.password = randomBytes(12).toString("hex");
    const email = `${account.username}@example.org`;
    const { username, password } = account;
    const signed = await post("/api/signup", { email, username, password });
    const { enrolment_token, mfa } = signed;
    await post("/api/verify-email", { enrolment_token, code: await mailedCode(mail, email) });
    account.step = now();
    const { factor_id, secret } = mfa;
    const code = totp(secret, account.step);
    const activated = { enrolment_token, factor_id, code, transport: "bearer" };
    const { token } = await post("/api/mfa/activate", activated);
    return Object.assign(account, { user_id: signed.user_id, secret, token });
  }

  /** The app's next code: each is good once. */
  async code() {
    while (now() <= this.step) await pause(200);
    this.step = now();
    return totp(this.secret, this.step);
  }
}

/** The newest code in the printed mails to an address, at most a minute from now. */
async function mailedCode(mail, address) {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const mails = readFileSync(mail, "utf8").split("── mail");
    const mine = mails.filter((text) => new RegExp(`to:\\s+${address}\\s`).test(text));
    const code = mine.map((text) => /code:\s+(\d{6})/.exec(text)?.[1]).filter(Boolean).at(-1);
    if (code) return code;
    await pause(100);
  }
  throw new Error(`no mail to ${address} within a minute`);
}
