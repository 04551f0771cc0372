// The console's main journeys, in a real browser, against the real server.
import { createServer } from "node:http";

import { administrator, api, at, expect, signIn, test } from "./shop.mjs";

const heading = (page, name) => page.getByRole("heading", { level: 1, name });
// A board's card opens in a dialog of its own, beside; what is asked stands in the middle.
const confirm = (page, name) => page.locator("dialog.middle").getByRole("button", { name, exact: true }).click();
const timeline = (page) => page.locator(".timeline");

test("a wrong password is refused in words, the right one opens the shop, and signing out closes it", async ({ page }) => {
  await page.goto(at("/orders"));
  await page.getByLabel("E-mail", { exact: true }).fill(administrator.email);
  await page.getByLabel("Password").fill("not this one, I think");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toBeVisible();
  await page.getByLabel("Password").fill(administrator.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(heading(page, "Orders")).toBeVisible();
  await page.reload();
  await expect(heading(page, "Orders")).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(heading(page, "Sign in to operations")).toBeVisible();
  await page.reload();
  await expect(heading(page, "Sign in to operations")).toBeVisible();
});

test("a second tab has the session of the first, and both renew it once", async ({ page, context }) => {
  await signIn(page, "/orders");
  await page.evaluate(() => {
    const kept = JSON.parse(sessionStorage.getItem("stateset.session"));
    sessionStorage.setItem("stateset.session", JSON.stringify({ ...kept, expiresAt: Date.now() }));
  });
  let renewals = 0;
  await context.route("**/auth/refresh", (route) => (++renewals, route.continue()));
  await page.reload(); // what it remembers is about to end
  await expect(page.getByRole("table")).toBeVisible();
  const other = await context.newPage();
  await other.goto(at("/inventory"));
  await expect(heading(other, "Inventory")).toBeVisible();
  expect(renewals).toBe(1);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(heading(other, "Sign in to operations")).toBeVisible();
});

test("filters and the search stand in the address, and the back button undoes them", async ({ page }) => {
  await signIn(page, "/orders");
  await page.getByLabel("Status", { exact: true }).selectOption("processing");
  await expect(page).toHaveURL(/status=processing/);
  await expect(page.locator("tbody tr").first()).toContainText("Processing");
  await expect(page.locator("tbody")).not.toContainText("Delivered");
  await page.getByLabel("Payment", { exact: true }).selectOption("unpaid");
  await expect(page.locator("tbody")).not.toContainText("Paid");
  await page.goBack();
  await expect(page).not.toHaveURL(/payment_status/);
  await expect(page.getByLabel("Payment", { exact: true })).toHaveValue("");
  await page.getByRole("button", { name: "Clear" }).click();
  await page.getByRole("searchbox").fill("SO-1001");
  await expect(page.locator("tbody tr")).toHaveCount(1);
  await expect(page).toHaveURL(/q=SO-1001/);
  await page.reload();
  await expect(page.getByRole("searchbox")).toHaveValue("SO-1001");
});

test("an order is processed, paid and shipped with buttons, and its timeline moves by itself", async ({ page }) => {
  const order = await api.order(2);
  await signIn(page, `/orders/${order.id}`);
  await expect(heading(page, order.order_number)).toBeVisible();
  const next = page.getByRole("region", { name: "Next steps" });
  await expect(next.getByRole("button", { name: "Ship" })).toHaveCount(0); // not legal from pending

  await next.getByRole("button", { name: "Reserve stock" }).click();
  await confirm(page, "Reserve stock");
  await expect(next.getByRole("button", { name: "Ship", exact: true })).toBeVisible();
  await expect(timeline(page)).toContainText("Order processing");

  // Too early: the refusal is shown where it was asked for, and changes nothing.
  await next.getByRole("button", { name: "Ship", exact: true }).click();
  await confirm(page, "Ship");
  await expect(page.getByRole("alert")).toContainText("payment_required");
  await page.keyboard.press("Escape");

  await next.getByRole("button", { name: "Take payment" }).click();
  await confirm(page, "Take payment");
  await expect(page.locator(".heading")).toContainText("Paid");

  await next.getByRole("button", { name: "Ship", exact: true }).click();
  await confirm(page, "Ship");
  await expect(page.locator(".heading")).toContainText("Shipped");
  await expect(timeline(page)).toContainText("Order shipped");

  // Somebody else records the delivery: nobody touches this page.
  const shipment = (await api.get(`/shipments?order_id=${order.id}`)).data[0];
  await api.post(`/shipments/${shipment.id}/deliver`);
  await expect(timeline(page)).toContainText("Order delivered");
  await expect(page.locator(".heading")).toContainText("Delivered");
});

test("pressing a button twice, since the first answer got lost, takes effect once", async ({ page }) => {
  const order = await api.order();
  await signIn(page, `/orders/${order.id}`);
  const keys = [];
  await page.route("**/process", async (route) => {
    keys.push(route.request().headers()["idempotency-key"]);
    if (keys.length > 1) return route.continue();
    await route.fetch(); // it took effect, but nobody hears of it
    await route.abort();
  });
  await page.getByRole("button", { name: "Reserve stock" }).click();
  await confirm(page, "Reserve stock");
  await expect(page.getByRole("alert")).toContainText("cannot be reached");
  await confirm(page, "Reserve stock");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  expect(keys).toHaveLength(2);
  expect(keys[0]).toBe(keys[1]);
});

test("the stock page says why it is what it is, and refuses a wrong quantity at its field", async ({ page }) => {
  await signIn(page, "/inventory?q=TEAPOT");
  await page.getByRole("link", { name: "TEAPOT" }).click();
  const why = await api.get("/inventory/items/TEAPOT/explain");
  await expect(page.getByRole("heading", { name: `Why is it ${why.available}?` })).toBeVisible();
  await expect(page.locator(".sum")).toContainText(`On the shelf${why.on_hand}`);
  await expect(page.locator("section", { hasText: "Promised to" }).locator(".cases > li")).toHaveCount(why.reservations.length);
  await expect(page.getByRole("cell", { name: "Receive" }).first()).toBeVisible();

  await page.getByRole("button", { name: "Receive" }).click();
  await page.getByLabel("Quantity").fill("-3");
  await confirm(page, "Receive");
  await expect(page.getByLabel("Quantity")).toHaveAttribute("aria-invalid", "true");
  await expect(page.locator("#ask-quantity-fault")).toBeVisible();
  await page.getByLabel("Quantity").fill("5");
  await confirm(page, "Receive");
  await expect(page.getByRole("heading", { name: `Why is it ${Number(why.available) + 5}?` })).toBeVisible();
  await expect(page.getByRole("cell", { name: "+5" })).toBeVisible();
});

test("a delivery that failed is tried again by hand, and arrives", async ({ page }) => {
  let healthy = false;
  const receiver = createServer((request, response) => {
    request.resume();
    response.writeHead(healthy ? 204 : 503).end();
  });
  await new Promise((ready) => receiver.listen(0, "127.0.0.1", ready));
  try {
    await api.post("/webhooks/endpoints", { url: `http://127.0.0.1:${receiver.address().port}/hook`, events: ["order.on_hold"] });
    const order = await api.order();
    await api.post(`/orders/${order.id}/hold`, { reason: "Address to be confirmed" });
    await signIn(page, "/webhooks?status=pending");
    const row = page.locator("tbody tr", { hasText: "order.on_hold" });
    await expect(row).toContainText("503");
    healthy = true;
    await row.getByRole("button", { name: "Try again" }).click();
    await confirm(page, "Try again");
    await page.getByLabel("Status", { exact: true }).selectOption("delivered");
    await expect(async () => {
      await page.getByRole("button", { name: "Look again" }).click();
      await expect(row).toContainText("204", { timeout: 500 });
    }).toPass();
    await row.getByRole("link").click();
    await expect(page.getByRole("dialog")).toContainText("503");
    await expect(page.getByRole("dialog")).toContainText("204");
  } finally {
    receiver.closeAllConnections();
    receiver.close();
  }
});

test("a key is shown once, works as far as it may, and ends when it is revoked", async ({ page, browser }) => {
  await signIn(page, "/api-keys");
  await page.getByRole("button", { name: "Create key" }).click();
  await page.getByLabel("Name").fill("packing table");
  await page.getByRole("textbox", { name: "May" }).fill("orders:read inventory:read");
  await confirm(page, "Create key");
  const key = await page.locator("[data-secret]").textContent();
  expect(key).toMatch(/^sk_/);
  await confirm(page, "I have it");
  await expect(page.locator("body")).not.toContainText(key);

  const other = await (await browser.newContext()).newPage();
  await other.goto(at("/orders"));
  await other.getByRole("button", { name: "API key" }).click();
  await other.getByLabel("API key", { exact: true }).last().fill(key);
  await other.getByRole("button", { name: "Sign in" }).click();
  await expect(other.getByRole("table")).toBeVisible();
  await expect(other.getByRole("navigation", { name: "Main" })).not.toContainText("Webhooks");
  await other.locator("tbody a").first().click();
  await expect(other.getByRole("heading", { name: "Items" })).toBeVisible();
  await expect(other.getByRole("button", { name: /Ship|Hold|Cancel|Reserve/ })).toHaveCount(0);

  const row = page.locator("tbody tr", { hasText: "packing table" });
  await row.getByRole("button", { name: "Revoke" }).click();
  await confirm(page, "Revoke");
  await expect(row).toContainText("Revoked");
  await other.goto(at("/inventory"));
  await expect(heading(other, "Sign in to operations")).toBeVisible();
  await other.context().close();
});

test("what is stuck is listed with its reason, and doing what is advised takes it off the list", async ({ page }) => {
  const receiver = createServer((request, response) => {
    request.resume();
    response.writeHead(410).end(); // gone: the endpoint is switched off
  });
  await new Promise((ready) => receiver.listen(0, "127.0.0.1", ready));
  try {
    const url = `http://127.0.0.1:${receiver.address().port}/gone`;
    await api.post("/webhooks/endpoints", { url, events: ["order.on_hold"] });
    await api.post(`/orders/${(await api.order()).id}/hold`, { reason: "To be confirmed" });
    await signIn(page, "/attention");
    const stuck = page.locator("section", { hasText: "endpoint switched off" }).locator("li", { hasText: url });
    await expect(async () => {
      await page.getByRole("button", { name: "Look again" }).click();
      await expect(stuck).toContainText("gone", { timeout: 1000 });
    }).toPass();
    await stuck.getByRole("button").click();
    await page.locator("dialog.middle").getByRole("button", { name: /^Enable/ }).click();
    await expect(stuck).toHaveCount(0);
  } finally {
    receiver.closeAllConnections();
    receiver.close();
  }
});

test("returns are taken through their board, piece by piece", async ({ page }) => {
  const requested = (await api.get("/returns?status=requested")).data[0];
  await signIn(page, "/returns");
  await page.getByRole("region", { name: /^Requested/ }).getByRole("link", { name: requested.rma_number }).click();
  const side = page.locator("dialog.side");
  for (const [step, then] of [["Approve", "Approved"], ["Receive", "Received"], ["Inspect", "Inspected"], ["Complete", "Completed"]]) {
    await side.getByRole("button", { name: step, exact: true }).first().click();
    await confirm(page, step);
    await expect(side.locator(".facts")).toContainText(then);
  }
  await page.keyboard.press("Escape");
  await expect(page).toHaveURL(/\/returns$/);
  await expect(page.getByRole("region", { name: /^Completed/ })).toContainText(requested.rma_number);
});
