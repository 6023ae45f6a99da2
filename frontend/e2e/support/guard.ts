/** What no page may do: throw, break the content policy, or log an error. */
import { expect, type BrowserContext } from "@playwright/test";

/** The browser itself logs refusals and lost connections; they are part of the stories. */
const expected =
  /Failed to load resource: (the server responded with a status of (401|403|404|409|410|422|429)|net::ERR_(INTERNET_DISCONNECTED|NETWORK_CHANGED|FAILED|CONNECTION_\w+))|WebSocket connection to .* failed/;

export class Guard {
  readonly #faults: string[] = [];

  constructor(context: BrowserContext) {
    context.on("console", (message) => {
      if (message.type() !== "error" || expected.test(message.text())) return;
      this.#faults.push(`${message.page()?.url()}: ${message.text()}`);
    });
    context.on("weberror", (error) => this.#faults.push(String(error.error().stack)));
  }

  /** Fails when something was noticed. */
  check(): void {
    expect(this.#faults, "errors in the console").toEqual([]);
  }
}
