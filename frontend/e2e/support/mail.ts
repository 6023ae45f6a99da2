/** The mails that the MFA service prints where no SMTP server is set: SNUG_MAIL names the file. */
import { expect } from "@playwright/test";
import { readFileSync } from "node:fs";

const file = process.env.SNUG_MAIL;

/** The newest code that was mailed to an address, once there are `count` of them. */
export async function mailedCode(address: string, count = 1): Promise<string> {
  let codes: string[] = [];
  await expect
    .poll(() => (codes = codesFor(address)).length, { message: `a mail to ${address}` })
    .toBeGreaterThanOrEqual(count);
  return codes.at(-1)!;
}

/** The newest mail to an address in which this stands. */
export async function mailWith(address: string, text: RegExp): Promise<string> {
  let found: string | undefined;
  await expect
    .poll(() => (found = mailsTo(address).findLast((mail) => text.test(mail))), {
      message: `a mail to ${address} with ${text}`,
    })
    .toBeTruthy();
  return found!;
}

function codesFor(address: string): string[] {
  return mailsTo(address).flatMap((mail) => /code:\s+(\d{6})/.exec(mail)?.[1] ?? []);
}

function mailsTo(address: string): string[] {
  if (!file) throw new Error("SNUG_MAIL is not set: where do the mails go?");
  return readFileSync(file, "utf8")
    .split("┌── mail")
    .filter((mail) => new RegExp(`to:\\s+${escaped(address)}\\s`).test(mail));
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
