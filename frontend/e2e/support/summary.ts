/** The last lines of a run: which stories failed and the first words of why, as logs get cut. */
import type { Reporter, Suite, TestCase } from "@playwright/test/reporter";

const LONGEST = 600;

export default class Summary implements Reporter {
  private stories: TestCase[] = [];

  onBegin(_: unknown, suite: Suite) {
    this.stories = suite.allTests();
  }

  onEnd() {
    for (const story of this.stories) {
      if (story.outcome() !== "unexpected") continue;
      const message = story.results.at(-1)?.error?.message ?? "no error was given";
      // eslint-disable-next-line no-control-regex -- colours of the terminal
      const plain = message.replace(/\u001b\[[0-9;]*m/g, "").slice(0, LONGEST);
      console.log(`failed: ${story.title}\n${plain}`);
    }
  }

  printsToStdio() {
    return true;
  }
}
