/** The page `/try` of the MFA service, from an access token to a login with a passkey. */
import { expect, test, type Page } from "@playwright/test";
import { Guard } from "../support/guard";
import { mailedCode } from "../support/mail";
import { Authenticator } from "../support/totp";

const { MFA_CLIENT_ID: client = "", MFA_CLIENT_SECRET: secret = "" } = process.env;

test("an account with an authenticator app and a passkey", async ({ page, context }) => {
  const guard = new Guard(context);
  await plugIn(page);
  await page.goto("/try");

  await page.getByLabel("Client id").fill(client);
  await page.getByLabel("Client secret").fill(secret);
  await page.getByRole("button", { name: "Get a token" }).click();
  await said(page, "POST /oauth/token: 200");

  const email = "ann@example.org";
  await expect(page.getByLabel("E-mail")).toHaveValue(email);
  await page.getByRole("button", { name: "Make an account" }).click();
  const account = await said(page, "POST /v1/accounts: 201");
  await expect(page.getByAltText("QR code for an authenticator app")).toBeVisible();
  const app = new Authenticator(/"secret": "([A-Z2-7]+)"/.exec(account)![1]!);

  await page.getByLabel("Code of the mail").fill(await mailedCode(email));
  await page.getByRole("button", { name: "Verify" }).first().click();
  await said(page, "POST /v1/email-verifications: 200");

  await page.getByLabel("Code of the app").fill(await app.code());
  await page.getByRole("button", { name: "Activate" }).click();
  await said(page, /\/factors\/\S+\/activate: 200/);

  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await said(page, "POST /v1/logins: 401");
  await page.getByLabel("Code", { exact: true }).fill(await app.code());
  await page.getByRole("button", { name: "Verify" }).last().click();
  expect(amr(await said(page, /\/challenges\/\S+\/verify: 200/))).toEqual(["pwd", "otp"]);

  await page.getByRole("button", { name: "Add one to the account" }).click();
  expect(await said(page, /\/activate: 200/)).toContain('"public-key"');
  await page.getByRole("button", { name: "Log in with one" }).click();
  const login = await said(page, /\/passkey-logins\/\S+\/finish: 200/);
  expect(login).toContain('"assertion"');
  expect(amr(login)).toContain("hwk");
  guard.check();
});

test("somebody without the device does not get in", async ({ page, context }) => {
  const guard = new Guard(context);
  // Another authenticator, that holds no passkey: the browser has nothing to offer.
  await plugIn(page);
  await page.goto("/try");
  await page.getByLabel("Client id").fill(client);
  await page.getByLabel("Client secret").fill(secret);
  await page.getByRole("button", { name: "Get a token" }).click();
  await said(page, "POST /oauth/token: 200");
  await page.getByRole("button", { name: "Log in with one" }).click();
  expect(await said(page, "passkey: failed")).toContain("NotAllowedError");
  guard.check();
});

/** An authenticator in the device, whose owner touches it whenever asked. */
async function plugIn(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

/** The newest entry of the log, once its title is this. */
async function said(page: Page, title: string | RegExp): Promise<string> {
  const newest = page.getByRole("list").getByRole("listitem").first();
  await expect(newest.getByRole("heading")).toHaveText(title);
  return newest.innerText();
}

function amr(entry: string): unknown {
  return JSON.parse(/"amr": (\[[^\]]*\])/.exec(entry)![1]!);
}
