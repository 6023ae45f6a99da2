/** Codes that a camera reads off another screen: a safety number, and a new device's. */
import { expect, test } from "@playwright/test";
import { expectAccessible } from "./support/accessible";
import { Camera } from "./support/camera";
import { openNumber, safetyNumber } from "./support/safety";
import { Person } from "./support/person";

test("a camera reads a safety number and lets a new device in", async ({
  browser,
  launchOptions,
  contextOptions,
}) => {
  test.setTimeout(240_000);
  const camera = await Camera.start(launchOptions);
  const lou = await Person.arrive(camera.browser, "Lou", contextOptions);
  const max = await Person.arrive(browser, "Max", { ...contextOptions, deviceScaleFactor: 2 });
  await lou.signUp();
  await max.signUp();
  await lou.befriend(max);
  await max.accept(lou);
  await lou.open(max);

  await test.step("without leave the camera stays shut, and the text can be pasted", async () => {
    await openNumber(max, lou);
    await openNumber(lou, max);
    await camera.hold(max.page.getByRole("img", { name: "QR code of the safety number" }));
    await safetyNumber(lou, max).getByRole("button", { name: "Scan Max's code" }).click();
    await expect(lou.page.getByText("The camera is not allowed here.")).toBeVisible();
    await expect(lou.page.getByRole("textbox", { name: "Or paste Max's code" })).toBeEditable();
    await expectAccessible(lou.page, "a camera that is not allowed");
  });

  await test.step("with it the other's number is read, and is the same", async () => {
    await lou.context.grantPermissions(["camera"]);
    await lou.page.getByRole("button", { name: "Try the camera again" }).click();
    await expect(lou.page.getByRole("heading", { name: "The same", exact: true })).toBeVisible();
    await lou.page.getByRole("button", { name: "Done" }).click();
    await expect(lou.page.getByRole("button", { name: "Max is verified" }).first()).toBeVisible();
  });

  await test.step("a new device is let in by what its screen shows", async () => {
    const elsewhere = await lou.signInElsewhere(browser, {
      ...contextOptions,
      deviceScaleFactor: 2,
    });
    const fresh = elsewhere.pages()[0]!;
    await fresh.getByRole("button", { name: "Scan with my other device" }).click();
    const code = fresh.getByRole("img", { name: "QR code for your other device" });
    await expect(code).toBeVisible();
    await lou.openSettings("Devices and sessions");
    await lou.page.getByRole("button", { name: "Link a new device" }).click();
    await camera.hold(code);
    await lou.page.getByRole("button", { name: "Scan its code" }).click();
    const done = lou.page.getByRole("heading", { name: "The new device is in" });
    await lou.confirmIfAsked(done);
    await expect(done).toBeVisible();
    await expect(fresh.getByText("Connected")).toBeVisible();
    await elsewhere.close();
  });

  await lou.leave();
  await max.leave();
  await camera.stop();
});
