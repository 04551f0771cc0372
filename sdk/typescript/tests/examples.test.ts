// The examples, which are the README's, do what they say.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Server, until } from "./server.js";

let server: Server;
before(async () => (server = await Server.start()));
after(() => server.end());

const file = (name: string) => fileURLToPath(new URL(`../examples/${name}.js`, import.meta.url));
const environment = () => ({ ...process.env, STATESET_URL: server.url, STATESET_KEY: server.key });

async function run(name: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [file(name)], { env: environment() });
  return stdout.trim().split("\n");
}

test("the first order, and every day after it", async () => {
  const [costs, is] = await run("first-order");
  assert.match(costs ?? "", /^SO-\S+ costs 99.98 USD$/);
  assert.equal(is, "and is delivered");

  assert.deepEqual((await run("everyday")).slice(1), ["invalid [ '/name', '/currency' ]", "true true", "10.99 archived active"]);
});

test("the receiver of webhooks", async () => {
  const port = await freePort();
  const { secret } = await server.client().webhooks.endpoints.create({ url: `http://127.0.0.1:${port}/`, events: ["location.*", "customer.*"] });
  const receiver = spawn(process.execPath, [file("webhooks")], { env: { ...environment(), PORT: String(port), STATESET_WEBHOOK_SECRET: secret } });
  let said = "";
  receiver.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  await until(() => receiver.exitCode === null);
  await listens(port);
  await server.client().customers.create({ email: "heard@example.com" });
  await until(() => said.includes("customer.created") && said.includes("heard@example.com"));
  assert.equal((await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "{}" })).status, 400);
  receiver.kill();
});

async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  return port;
}

async function listens(port: number): Promise<void> {
  let heard = false;
  await until(() => {
    fetch(`http://127.0.0.1:${port}/`).then(() => (heard = true), () => undefined);
    return heard;
  });
}
