/** Somebody with a browser, an authenticator app and a mailbox. */
import {
  type Browser,
  type BrowserContext,
  expect,
  type Locator,
  type Page,
} from "@playwright/test";
import { randomBytes } from "node:crypto";
import { Guard } from "./guard";
import { mailedCode } from "./mail";
import { Authenticator } from "./totp";

/** Whom or what a conversation is with: a person, or a group by its name. */
export type Named = Pick<Person, "name">;

export class Person {
  readonly name: string;
  readonly username: string;
  email: string;
  password = "a quiet walk through wet grass";
  readonly context: BrowserContext;
  readonly guard: Guard;
  page: Page;
  app: Authenticator | null = null;
  backupCodes: string[] = [];
  /** Empty until one was made. */
  recoveryKey = "";

  private constructor(name: string, context: BrowserContext, page: Page) {
    this.name = name;
    this.username = `${name.toLowerCase()}-${randomBytes(4).toString("hex")}`;
    this.email = `${this.username}@example.org`;
    this.context = context;
    this.guard = new Guard(context);
    this.page = page;
  }

  static async arrive(browser: Browser, name: string, options = {}): Promise<Person> {
    const context = await browser.newContext(options);
    return new Person(name, context, await context.newPage());
  }

  /** From the door to the first empty list. */
  async signUp(): Promise<void> {
    await this.fillSignUp();
    await this.confirmEmail();
    await this.protect();
    await this.saveKit();
  }

  async fillSignUp(): Promise<void> {
    const { page } = this;
    await page.goto("/");
    await page.getByRole("link", { name: "Create an account" }).click();
    await this.introduce();
    await page.getByRole("button", { name: "Continue" }).click();
    await expect(page.getByRole("heading", { name: "Check your e-mail" })).toBeVisible();
  }

  /** The fields of the form, without sending it. */
  async introduce(): Promise<void> {
    const { page } = this;
    await page.getByLabel("Name", { exact: true }).fill(this.name);
    await page.getByLabel("E-mail").fill(this.email);
    await page.getByLabel("Username").fill(this.username);
    await page.getByLabel("Password", { exact: true }).fill(this.password);
  }

  async confirmEmail(): Promise<void> {
    const code = await mailedCode(this.email);
    await this.page.getByLabel("6-digit code").fill(code);
    await expect(this.page.getByRole("heading", { name: "Protect your sign-in" })).toBeVisible();
  }

  async protect(): Promise<void> {
    const { page } = this;
    const secret = await page.getByText(/^([A-Z2-7]{4} ){3,}[A-Z2-7]{1,4}$/).innerText();
    this.app = new Authenticator(secret);
    await page.getByLabel("6-digit code from the app").fill(await this.app.code());
    await expect(page.getByRole("heading", { name: "Save your recovery kit" })).toBeVisible();
  }

  async saveKit(): Promise<void> {
    const { page } = this;
    const codes = page.getByRole("list", { name: "Your ten backup codes" });
    this.backupCodes = await codes.getByRole("listitem").allInnerTexts();
    expect(this.backupCodes).toHaveLength(10);
    const key = page.getByRole("region", { name: "Recovery key" });
    const make = page.getByRole("button", { name: "Make a recovery key" });
    await expect(key.or(make).first()).toBeVisible();
    if (await key.isVisible()) this.recoveryKey = await key.locator("p").innerText();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download" }).click();
    expect((await download).suggestedFilename()).toMatch(
      new RegExp(`^snug-recovery-kit-${this.username}-.+\\.txt$`),
    );
    await page.getByRole("button", { name: "Done" }).click();
    await this.expectConnected();
  }

  async expectConnected(): Promise<void> {
    await expect(this.page.getByText("Connected")).toBeVisible();
  }

  async signIn(): Promise<void> {
    await this.givePassword();
    await this.page.getByLabel("6-digit code").fill(await this.app!.code());
    await this.expectConnected();
  }

  /** The first half of a sign-in; all of it where no code is asked. */
  async givePassword(): Promise<void> {
    const { page } = this;
    await page.goto("/sign-in");
    await page.getByLabel("E-mail or username").fill(this.username);
    await page.getByLabel("Password", { exact: true }).fill(this.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
  }

  /** Signs in with a backup code in a browser of its own, which has no keys. */
  async signInElsewhere(browser: Browser, options = {}): Promise<BrowserContext> {
    const elsewhere = await browser.newContext(options);
    const page = await elsewhere.newPage();
    await page.goto("/sign-in");
    await page.getByLabel("E-mail or username").fill(this.username);
    await page.getByLabel("Password", { exact: true }).fill(this.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("button", { name: "Use a backup code" }).click();
    await page.getByLabel("Backup code").fill(this.backupCodes.pop()!);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Unlock your messages" })).toBeVisible();
    return elsewhere;
  }

  /** Gives a second factor if the server asks for a fresh one before `next` appears. */
  async confirmIfAsked(next: Locator): Promise<void> {
    const question = this.page.getByRole("alertdialog", { name: "Is it you?" });
    await expect(question.or(next).first()).toBeVisible();
    if (!(await question.isVisible())) return;
    await question.getByRole("button", { name: "Use a backup code" }).click();
    await question.getByLabel("Backup code").fill(this.backupCodes.pop()!);
    await question.getByRole("button", { name: "Confirm" }).click();
    await expect(question).toHaveCount(0);
  }

  /** Opens a section of the settings. */
  async openSettings(section: string, title = section): Promise<void> {
    await this.tab("Settings").click();
    await this.page.getByRole("link", { name: section }).click();
    await expect(this.page.getByRole("heading", { level: 1, name: title })).toBeVisible();
  }

  async signOut(how: "Keep messages here" | "Remove everything here"): Promise<void> {
    const { page } = this;
    await this.tab("Settings").click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("button", { name: how }).click();
    await expect(page.getByRole("link", { name: "Create an account" })).toBeVisible();
  }

  async befriend(other: Person): Promise<void> {
    await this.tab("People").click();
    await this.page.getByRole("searchbox").fill(other.username);
    await this.page.getByRole("button", { name: `Send request: ${other.name}` }).click();
    await expect(this.page.getByText("Requested")).toBeVisible();
  }

  async accept(other: Person): Promise<void> {
    await this.page
      .getByRole("button", { name: `Accept: ${other.name}` })
      .first()
      .click();
    await expect(this.page.getByRole("heading", { name: other.name, level: 1 })).toBeVisible();
  }

  async open(other: Named): Promise<void> {
    await this.tab("Chats").click();
    await this.list.getByRole("link", { name: other.name }).click();
    await expect(this.composer(other)).toBeVisible();
  }

  async write(other: Named, text: string): Promise<void> {
    await this.composer(other).fill(text);
    await this.page.keyboard.press("Enter");
    await expect(this.composer(other)).toHaveValue("");
  }

  tab(name: string) {
    return this.page.getByRole("navigation", { name: "Snug" }).getByRole("link", { name });
  }

  get list() {
    return this.page.getByRole("navigation", { name: "Conversations" });
  }

  composer(other: Named) {
    return this.page.getByRole("textbox", { name: `Message ${other.name}` });
  }

  messages(other: Named) {
    return this.page.getByRole("region", { name: `Messages with ${other.name}` });
  }

  /** The texts of the conversation as they stand on the screen. */
  async texts(other: Named): Promise<string[]> {
    const written = this.page.getByRole("listitem").filter({ has: this.page.locator("time") });
    const texts = await this.messages(other).locator(written).locator("p").allInnerTexts();
    return texts.map((text) => text.trim());
  }

  async leave(): Promise<void> {
    this.guard.check();
    await this.context.close();
  }
}
