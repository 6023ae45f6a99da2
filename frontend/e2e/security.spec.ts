/** Second factors, passkeys, backup codes, and browsers that ask no code. */
import { expect, test } from "@playwright/test";
import { expectAccessible } from "./support/accessible";
import { plugInAuthenticator } from "./support/authenticator";
import { mailedCode, mailWith } from "./support/mail";
import { Person } from "./support/person";
import { Authenticator } from "./support/totp";

const section = "Sign-in and security";

test("second factors are added, used and removed", async ({ browser }) => {
  test.setTimeout(300_000);
  const nora = await Person.arrive(browser, "Nora");
  const { page } = nora;
  await plugInAuthenticator(nora.context, page);
  await nora.signUp();
  const factors = page.getByRole("list", { name: "Second factors" });
  const add = async (kind: string) => {
    await page.getByRole("button", { name: "Add another" }).click();
    await page.getByRole("menuitem", { name: kind }).click();
  };
  const more = async (label: string, what: string) => {
    await page.getByRole("button", { name: `More for ${label}` }).click();
    await page.getByRole("menuitem", { name: what }).click();
  };

  await test.step("what there is stands in a list, and the last one stays", async () => {
    await nora.openSettings(section);
    await expect(factors.getByRole("listitem")).toHaveCount(1);
    await expect(page.getByText("10 codes are left.")).toBeVisible();
    await expect(page.getByText("There is none: a code is asked for")).toBeVisible();
    await expectAccessible(page, "second factors");
    const label = await factors.getByRole("listitem").locator("p").first().innerText();
    await more(label, "Remove");
    await expect(page.getByText("Your account needs at least one second factor")).toBeVisible();
    await expectAccessible(page, "the last factor");
    await page.getByRole("button", { name: "Close" }).click();
  });

  await test.step("a passkey is made and gets a name", async () => {
    await add("Add a passkey");
    await expectAccessible(page, "add a passkey");
    await page.getByRole("button", { name: "Make a passkey" }).click();
    await expect(page.getByText("Added. It works from now on.")).toBeVisible();
    await expect(factors.getByRole("listitem")).toHaveCount(2);
    await more("Chrome on Linux", "Rename");
    await page.getByLabel("What you call it").fill("Laptop");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(factors.getByText("Laptop")).toBeVisible();
  });

  await test.step("it signs in without a name", async () => {
    await nora.signOut("Keep messages here");
    await page.goto("/sign-in");
    await expectAccessible(page, "sign in with a passkey");
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await nora.expectConnected();
  });

  await test.step("it is the second factor after a password, and the browser is remembered", async () => {
    await nora.signOut("Keep messages here");
    await nora.givePassword();
    await expect(page.getByRole("heading", { name: "Use your passkey" })).toBeVisible();
    await page.getByText("Don't ask for a code here for 30 days").click();
    await expectAccessible(page, "passkey as second factor");
    await page.getByRole("button", { name: "Use passkey" }).click();
    await nora.expectConnected();
    await nora.signOut("Keep messages here");
    await nora.givePassword();
    await nora.expectConnected();
  });

  await test.step("the browser can be made to ask again", async () => {
    await nora.openSettings(section);
    const browsers = page.getByRole("list", { name: "Browsers that ask no code" });
    await expect(browsers.getByText("this browser")).toBeVisible();
    await expectAccessible(page, "remembered browsers");
    await page.getByRole("button", { name: /^Ask again/ }).click();
    await expect(page.getByText("There is none: a code is asked for")).toBeVisible();
  });

  await test.step("new backup codes want a fresh factor and void the old ones", async () => {
    await page.getByRole("button", { name: "Make new codes" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Make new codes" }).click();
    const question = page.getByRole("alertdialog", { name: "Is it you?" });
    await expectAccessible(page, "step-up by passkey");
    await question.getByRole("button", { name: "Use passkey" }).click();
    const codes = page.getByRole("list", { name: "Your ten backup codes" });
    await expect(codes.getByRole("listitem")).toHaveCount(10);
    const fresh = await codes.getByRole("listitem").allInnerTexts();
    expect(fresh).not.toContain(nora.backupCodes[0]);
    await expectAccessible(page, "new backup codes");
    await page.getByRole("button", { name: "Copy" }).click();
    await page.getByRole("button", { name: "I have saved it" }).click();
    nora.backupCodes = fresh;
    await nora.tab("Chats").click();
    await expect(page.getByText("Your recovery kit isn't saved yet")).toHaveCount(0);
  });

  await test.step("a second authenticator app, and codes by e-mail", async () => {
    await nora.openSettings(section);
    await add("Add an authenticator app");
    await expectAccessible(page, "add an authenticator app");
    const secret = await page.getByText(/^([A-Z2-7]{4} ){3,}[A-Z2-7]{1,4}$/).innerText();
    await page.getByLabel("6-digit code from the app").fill("000000");
    await expect(page.getByText("That code is wrong.")).toBeVisible();
    await page.getByLabel("6-digit code from the app").fill(await new Authenticator(secret).code());
    await expect(page.getByText("Added. It works from now on.")).toBeVisible();
    await expect(factors.getByRole("listitem")).toHaveCount(3);
    await add("Get codes by e-mail");
    await expectAccessible(page, "codes by e-mail");
    await page.getByLabel("6-digit code").fill(await mailedCode(nora.email, 2));
    await expect(factors.getByRole("listitem")).toHaveCount(4);
    await page.getByRole("button", { name: "Add another" }).click();
    await expect(page.getByRole("menuitem", { name: "Get codes by e-mail" })).toHaveCount(0);
    await page.keyboard.press("Escape");
  });

  await test.step("a factor is removed, and its owner is told", async () => {
    await more("Laptop", "Remove");
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
    const gone = page.getByText("Removed.");
    await nora.confirmIfAsked(gone);
    await expect(gone).toBeVisible();
    await expect(factors.getByText("Laptop")).toHaveCount(0);
    await mailWith(nora.email, /Laptop/);
  });

  await test.step("a sign-in from a new browser is told by mail", async () => {
    const elsewhere = await nora.signInElsewhere(browser);
    await mailWith(nora.email, /from a browser that is new to us/);
    await elsewhere.close();
  });

  await nora.leave();
});

test("codes on Telegram are set up by a link to the bot", async ({ browser }) => {
  const omar = await Person.arrive(browser, "Omar");
  const { page } = omar;
  await omar.signUp();
  // The server under test has no bot: its answers stand in for it.
  await page.route("**/api/mfa/factors", async (route) => {
    if (route.request().method() === "POST") {
      return route.fulfill({
        status: 201,
        json: {
          factor_id: "0192f7a0-0000-7000-8000-000000000001",
          kind: "telegram",
          label: "Telegram",
          expires_at: new Date(Date.now() + 600_000).toISOString(),
          uri: "https://t.me/snug_bot?start=token",
          secret: "token",
          qr_svg: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9H0z"/></svg>`,
        },
      });
    }
    const reply = await route.fetch();
    const body = await reply.json();
    return route.fulfill({ json: { ...body, kinds: [...body.kinds, "telegram"] } });
  });
  await page.route("**/api/mfa/activate", (route) =>
    route.fulfill({
      status: 422,
      contentType: "application/problem+json",
      json: { code: "invalid-code", status: 422, title: "", detail: "", type: "" },
    }),
  );
  await omar.openSettings(section);
  await page.getByRole("button", { name: "Add another" }).click();
  await page.getByRole("menuitem", { name: "Get codes on Telegram" }).click();
  const link = page.getByRole("link", { name: "Open Telegram" });
  await expect(link).toHaveAttribute("href", "https://t.me/snug_bot?start=token");
  await expectAccessible(page, "telegram");
  await page.getByLabel("6-digit code").fill("123456");
  await expect(page.getByText("That code is wrong.")).toBeVisible();
  await omar.leave();
});

test("a sign-in that looks like one of many is worked for, without a question", async ({
  browser,
  request,
}) => {
  const pia = await Person.arrive(browser, "Pia");
  const { page } = pia;
  pia.password = "a wren sings under the elder tree";
  await pia.signUp();
  await pia.signOut("Keep messages here");
  // One wrong password at many names: from now on it costs work.
  for (let name = 0; name < 21; name++) {
    const data = {
      username: `nobody-${pia.username}-${name}`.slice(0, 32),
      password: pia.password,
    };
    await request.post("/api/login", { data });
  }
  const solved = page.waitForRequest((asked) => asked.postDataJSON()?.work !== undefined);
  await pia.givePassword();
  await solved;
  await page.getByLabel("6-digit code").fill(await pia.app!.code());
  await pia.expectConnected();
  await pia.leave();
});
