// MLS by a program beside this one: crates/e2ee/examples/sidecar.rs says what it can.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const PROGRAM = process.env.SNUG_MLS ?? "target/debug/examples/sidecar";

export class Mls {
  #process = spawn(PROGRAM, { stdio: ["pipe", "pipe", "inherit"] });
  #lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();

  async call(name, fields) {
    const text = (value) => (value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value);
    const line = Object.entries(fields).map(([key, value]) => [key, text(value)]);
    this.#process.stdin.write(`${JSON.stringify({ call: name, ...Object.fromEntries(line) })}\n`);
    const answer = JSON.parse((await this.#lines.next()).value);
    if (answer.error) throw new Error(`${name}: ${answer.error}`);
    return answer;
  }

  close() {
    this.#process.stdin.end();
  }
}
