/** An operator's commands on the stack under test: `cargo xtask run`. */
import { execFileSync } from "node:child_process";

const { SNUG_XTASK: xtask, SNUG_DATA: data, SNUG_URL: url } = process.env;

/** Runs `snug-chat …` or `snug-mfa …`; returns what it prints. */
export function operator(server: "chat" | "mfa", ...command: string[]): string {
  if (!xtask || !data) throw new Error("SNUG_XTASK or SNUG_DATA is not set: whose stack is it?");
  const printed = execFileSync(xtask, ["run", server, "--", ...command], {
    // Links in mails lead to the stack under test.
    env: { ...process.env, PUBLIC_URL: url },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return printed.toString();
}
