import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { Webhook, WebhookVerificationError } from "stateset";
import { Server, until } from "./server.js";

interface Delivery {
  body: string;
  headers: IncomingHttpHeaders;
}

let server: Server;
let secret: string;
let endpointId: string;
const delivered: Delivery[] = [];
const receiver = createServer(async (request, response) => {
  let body = "";
  for await (const part of request.setEncoding("utf8")) body += part;
  delivered.push({ body, headers: request.headers });
  response.writeHead(204).end();
});

before(async () => {
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  server = await Server.start();
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  ({ id: endpointId, secret } = await server.client().webhooks.endpoints.create({ url, events: ["customer.*"] }));
  await server.client().customers.create({ email: "zoe@example.com", first_name: "Zoë" });
  await until(() => delivered.length > 0);
});
after(async () => {
  receiver.closeAllConnections();
  receiver.close();
  await server.end();
});

function first(): Delivery {
  assert(delivered[0]);
  return delivered[0];
}

async function refuses(body: string, headers: Record<string, unknown>, message: RegExp, using = new Webhook(secret)): Promise<void> {
  await assert.rejects(using.verify(body, headers as IncomingHttpHeaders), (error) =>
    error instanceof WebhookVerificationError && message.test(error.message));
}

test("what the server delivers verifies", async () => {
  const { body, headers } = first();
  const event = await new Webhook(secret).verify(body, headers);
  assert.equal(event.type, "customer.created");
  assert.equal(event.data.first_name, "Zoë");
  const bytes = new TextEncoder().encode(body);
  await new Webhook(["whsec_" + btoa("another secret"), secret]).verify(bytes, new Headers(headers as Record<string, string>));
});

test("what was changed, or signed by another, does not", async () => {
  const { body, headers } = first();
  await refuses(`${body} `, headers, /no signature fits/);
  await refuses(body, { ...headers, "webhook-id": "msg_other" }, /no signature fits/);
  await refuses(body, headers, /no signature fits/, new Webhook("whsec_" + btoa("another secret")));
  await refuses(body, { ...headers, "webhook-signature": "v2,abc v1, v1,!" }, /no signature fits/);
  await refuses(body, { ...headers, "webhook-signature": undefined }, /webhook-signature is missing/);
});

test("what is too old, or from the future, does not", async () => {
  const signed = (at: number) => {
    const key = Buffer.from(secret.replace("whsec_", ""), "base64");
    return { "webhook-id": "msg_1", "webhook-timestamp": String(at),
      "webhook-signature": "v1," + createHmac("sha256", key).update(`msg_1.${at}.{}`).digest("base64") };
  };
  const now = Math.floor(Date.now() / 1000);
  await new Webhook(secret).verify("{}", signed(now - 290));
  await refuses("{}", signed(now - 310), /too old/);
  await refuses("{}", signed(now + 310), /from the future/);
  await refuses("{}", { ...signed(now), "webhook-timestamp": "yesterday" }, /is no time/);
  await refuses("{}", signed(now - 20), /too old/, new Webhook(secret, { tolerance: 10 }));
});

test("while a secret rotates, both count", async () => {
  const before = delivered.length;
  const { secret: next } = await server.client().webhooks.endpoints.rotateSecret(endpointId);
  await server.client().customers.create({ email: "rotated@example.com" });
  await until(() => delivered.length > before);
  const { body, headers } = delivered.at(-1) as Delivery;
  for (const one of [secret, next]) assert.equal((await new Webhook(one).verify(body, headers)).type, "customer.created");
});
