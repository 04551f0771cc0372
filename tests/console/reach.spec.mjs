// Everybody reaches everything: by keyboard alone, with a screen reader, in light and dark, on a phone.
import { api, at, expect, isAccessible, signIn, test } from "./shop.mjs";

test("an order is found and held by keyboard alone", async ({ page }) => {
  const order = await api.order();
  await page.goto(at("/"));
  await expect(page.getByLabel("E-mail", { exact: true })).toBeFocused();
  await page.keyboard.type("admin@example.com");
  await page.keyboard.press("Tab");
  await page.keyboard.type("correct horse battery");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();

  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
  await page.keyboard.press("Escape");

  await page.keyboard.press("g");
  await page.keyboard.press("o");
  await expect(page.getByRole("heading", { level: 1, name: "Orders" })).toBeFocused();
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox")).toBeFocused();
  await page.keyboard.type(order.order_number);
  await expect(page.locator("tbody tr")).toHaveCount(1);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab"); // out of the field, where letters are letters
  await expect(page.getByRole("searchbox")).not.toBeFocused();
  await page.locator("h1").focus();
  await page.keyboard.press("j");
  await expect(page.getByRole("link", { name: order.order_number })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: order.order_number })).toBeVisible();

  await page.keyboard.press("x");
  await expect(page.getByRole("button", { name: "Reserve stock" })).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByLabel("Reason")).toBeFocused();
  await page.keyboard.type("Waiting for the customer");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByText("On hold: Waiting for the customer")).toBeVisible();

  await page.keyboard.press("Control+k");
  await page.keyboard.type("TEAPOT");
  await expect(page.getByRole("option", { name: /TEAPOT/ }).first()).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "TEAPOT" })).toBeVisible();
});

for (const colorScheme of ["light", "dark"]) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });
    test("axe finds nothing on any page", async ({ page }) => {
      test.setTimeout(120_000);
      await page.goto(at("/"));
      await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
      await isAccessible(page, "sign in");
      await signIn(page);
      const order = (await api.get("/orders?status=processing&limit=1")).data[0];
      const shipment = (await api.get("/shipments?limit=1")).data[0];
      const pages = {
        "/": ".chart", "/attention": "h1", "/orders": "table", [`/orders/${order.id}`]: ".timeline li",
        "/inventory": "table", "/inventory/TEAPOT": ".sum", "/shipments": ".board", [`/shipments/${shipment.id}`]: "dialog .facts",
        "/returns": ".board", "/claims": ".board", "/work-orders": ".board", "/webhooks": ".section", "/api-keys": "h1",
      };
      for (const [path, there] of Object.entries(pages)) {
        await page.goto(at(path));
        await expect(page.locator(there).first()).toBeVisible();
        await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0);
        await page.evaluate(() => document.getAnimations().forEach((each) => each.cancel()));
        await isAccessible(page, path);
      }
      await page.goto(at(`/orders/${order.id}`));
      await page.getByRole("button", { name: "Cancel order" }).click();
      await isAccessible(page, "asking before an order is cancelled");
    });
  });
}

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 800 }, isMobile: true, hasTouch: true });
  test("every page fits, and the menu leads to them", async ({ page }) => {
    await signIn(page);
    for (const name of ["Attention", "Orders", "Inventory", "Shipments", "Returns", "Work orders", "Webhooks", "API keys"]) {
      await page.getByRole("button", { name: "Menu" }).tap();
      await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: new RegExp(`^${name}`) }).tap();
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.getByRole("status", { name: "Loading" })).toHaveCount(0);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(390);
    }
    await page.goto(at("/orders"));
    await page.locator("tbody a").first().tap();
    await expect(page.getByRole("heading", { name: "Items" })).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  });
});

test("the page asks nobody but its server, and its policy lets nothing else run", async ({ page }) => {
  const elsewhere = [];
  page.on("request", (request) => new URL(request.url()).origin === new URL(at("/")).origin || elsewhere.push(request.url()));
  const answer = await page.goto(at("/orders"));
  const policy = answer.headers()["content-security-policy"];
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain("unsafe");
  await signIn(page, "/orders");
  await expect(page.getByRole("table")).toBeVisible();
  expect(elsewhere).toEqual([]);
});
