// What the tests know of the shop: the API by itself, a signed-in page, and what axe finds.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { test as base, expect } from "@playwright/test";

import { administrator } from "./server.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const server = () => process.env.CONSOLE_SERVER;
let token;

// The API beside the browser, as another program would use it.
export const api = {
  async send(method, path, body) {
    token ??= (await this.plain("POST", "/auth/login", administrator)).access_token;
    return this.plain(method, path, body, token);
  },
  async plain(method, path, body, credential) {
    const response = await fetch(`${server()}/api/v1${path}`, {
      method,
      headers: { "Content-Type": "application/json", ...(credential ? { Authorization: `Bearer ${credential}` } : {}) },
      body: body && JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? null : response.json();
  },
  get: (path) => api.send("GET", path),
  post: (path, body = {}) => api.send("POST", path, body),
  async order(quantity = 1) {
    const customer = (await api.get("/customers?limit=1")).data[0].id;
    return api.post("/orders", { customer_id: customer, items: [{ sku: "MUG-WHITE", quantity }] });
  },
};

export async function signIn(page, path = "/") {
  await page.goto(`${server()}/console${path}`);
  await page.getByLabel("E-mail", { exact: true }).fill(administrator.email);
  await page.getByLabel("Password").fill(administrator.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.locator("main#content")).toBeVisible();
}

export const at = (path) => `${server()}/console${path}`;

// Every fault of the page's own script or policy fails the test it happened in.
export const test = base.extend({
  page: async ({ page }, use) => {
    const faults = [];
    page.on("pageerror", (fault) => faults.push(String(fault)));
    page.on("console", (line) => {
      if (line.type() === "error" && !/Failed to load resource/.test(line.text())) faults.push(line.text());
    });
    await use(page);
    expect(faults).toEqual([]);
  },
});

export async function isAccessible(page, where) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run({
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return violations.map((each) => `${each.id}: ${each.nodes.map((node) => `${node.target} ${node.any[0]?.message ?? ""}`).join(" | ")}`);
  });
  expect(found, where).toEqual([]);
}

export { expect, administrator };
