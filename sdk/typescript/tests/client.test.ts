import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ApiError, ConnectionError, responseOf, type Event, type StateSet } from "stateset";
import { Proxy, Server, until } from "./server.js";

let server: Server;
let client: StateSet;
let customerId: string;

before(async () => {
  server = await Server.start();
  client = server.client();
  customerId = (await client.customers.create({ email: "ada@example.com" })).id;
});
after(() => server.end());

async function refused(promise: PromiseLike<unknown>): Promise<ApiError> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  assert(error instanceof ApiError, `not refused: ${error}`);
  return error;
}

async function product(sku: string, stock?: string): Promise<void> {
  await client.products.create({ name: sku, sku, price: "49.99", currency: "USD" });
  if (stock) await client.inventory.items.receive(sku, { quantity: stock });
}

test("the main job: from a product to a delivery and a return", async () => {
  await product("MUG", "15");
  const order = await client.orders.create({ customer_id: customerId, items: [{ sku: "MUG", quantity: 2 }] });
  assert.equal(order.total, "99.98");
  assert.equal((await client.orders.process(order.id)).fulfillment_status, "reserved");
  const payment = await client.payments.create({ order_id: order.id, method: { type: "card", token: "tok_ok" } });
  assert.equal(payment.status, "captured");
  assert.equal(responseOf(payment)?.accepted, false);
  const shipment = await client.shipments.create({ order_id: order.id, carrier: "sandbox" });
  assert.equal((await client.shipments.ship(shipment.id)).status, "shipped");
  assert.equal((await client.shipments.deliver(shipment.id, { reason: "Left with a neighbour" })).status, "delivered");
  assert.equal((await client.orders.get(order.id, { expand: ["customer"] })).customer?.email, "ada@example.com");

  const [line] = await client.orders.items.list(order.id);
  assert(line);
  const rma = await client.returns.create({ order_id: order.id, items: [{ order_item_id: line.id, quantity: 1, reason: "Chipped" }] });
  for (const step of ["approve", "receive", "inspect"] as const) await client.returns[step](rma.id);
  const completed = await client.returns.complete(rma.id);
  assert.equal(completed.status, "completed");
  assert.equal(completed.refund_amount, "49.99");
  assert.equal((await client.inventory.items.get("MUG")).balances[0]?.on_hand, "14");
  const types = new Set((await client.orders.timeline(order.id).toArray()).map((event) => event.type));
  for (const type of ["order.created", "order.paid", "order.delivered", "return.completed"]) assert(types.has(type), type);
  assert.equal(new TextDecoder().decode((await client.shipments.getLabel(shipment.id)).slice(0, 4)), "%PDF");
});

describe("refusals", () => {
  test("every fault of a bad request is told by its pointer", async () => {
    const error = await refused(client.products.create({ name: "", sku: "BAD", price: "1", currency: "US" }));
    assert.equal(error.status, 400);
    assert.equal(error.code, "invalid");
    assert.deepEqual(new Set(error.errors.map((fault) => fault.pointer)), new Set(["/name", "/currency"]));
    assert(error.fault("/name")?.message);
    assert(error.requestId);
  });

  test("short stock says so", async () => {
    await product("RARE", "1");
    const order = await client.orders.create({ customer_id: customerId, items: [{ sku: "RARE", quantity: 2 }] });
    const error = await refused(client.orders.process(order.id));
    assert.equal(error.status, 409);
    assert.equal(error.code, "insufficient_stock");
  });

  test("a decline is a refusal that names the payment it left", async () => {
    await product("DECLINED", "1");
    const order = await client.orders.create({ customer_id: customerId, items: [{ sku: "DECLINED", quantity: 1 }] });
    const error = await refused(client.payments.create({ order_id: order.id, method: { type: "card", token: "tok_declined" } }));
    assert.equal(error.status, 402);
    assert.equal(error.code, "payment_declined");
    const id = error.instance?.split("/").pop() ?? "";
    assert.equal((await client.payments.get(id)).status, "failed");
  });

  test("wrong credentials and unknown things are told apart", async () => {
    assert.equal((await refused(server.client({ apiKey: "sk_live_nobody" }).orders.list())).status, 401);
    assert.equal((await refused(client.orders.get("0198c9f2-6b7a-7c31-9d0e-3f5a8b1c2d4e"))).code, "not_found");
  });

  test("a stale version is refused", async () => {
    const customer = await client.customers.create({ email: "stale@example.com", phone: "+441234" });
    assert.equal(responseOf(customer)?.etag, `"${customer.version}"`);
    const changed = await client.customers.update(customer.id, { phone: null }, { ifMatch: customer.version });
    assert.equal(changed.phone, null);
    const error = await refused(client.customers.update(customer.id, { first_name: "Eve" }, { ifMatch: customer.version }));
    assert.equal(error.code, "precondition_failed");
  });
});

test("an outcome that is not known yet is told", async () => {
  await product("SLOW", "1");
  const order = await client.orders.create({ customer_id: customerId, items: [{ sku: "SLOW", quantity: 1 }] });
  const payment = await client.payments.create({ order_id: order.id, method: { type: "card", token: "tok_timeout" } });
  assert.equal(payment.status, "processing");
  assert.equal(responseOf(payment)?.accepted, true);
});

test("the same request at the same time waits for its own answer", async () => {
  await product("TWICE", "1");
  const order = await client.orders.create({ customer_id: customerId, items: [{ sku: "TWICE", quantity: 1 }] });
  const pay = () => client.payments.create({ order_id: order.id, method: { type: "card", token: "tok_timeout" } }, { idempotencyKey: "once" });
  const [one, other] = await Promise.all([pay(), pay()]);
  assert.equal(one.id, other.id);
  assert((responseOf(one)?.attempts ?? 0) + (responseOf(other)?.attempts ?? 0) > 2, "none of them had to wait");
});

test("a dry run answers the same and stores nothing", async () => {
  const tried = await client.customers.create({ email: "dry@example.com" }, { dryRun: true });
  assert.equal(tried.email, "dry@example.com");
  assert.equal(responseOf(tried)?.dryRun, true);
  assert.equal((await client.customers.list({ email: "dry@example.com" })).data.length, 0);
});

test("a list of 250 is walked page by page, each thing once", async () => {
  const numbers = Array.from({ length: 250 }, (_, at) => at);
  for (let at = 0; at < numbers.length; at += 25) {
    await Promise.all(numbers.slice(at, at + 25).map((n) =>
      client.customers.create({ email: `page-${n}@example.com`, external_id: `page-${n}` })));
  }
  const ids = new Set<string>();
  let seen = 0;
  for await (const customer of client.customers.list({ q: "page-", limit: 100 })) {
    ids.add(customer.id);
    seen++;
  }
  assert.equal(seen, 250);
  assert.equal(ids.size, 250);
  const sizes: number[] = [];
  for await (const page of client.customers.list({ q: "page-", limit: 100 }).pages()) sizes.push(page.data.length);
  assert.deepEqual(sizes, [100, 100, 50]);
  assert.equal((await client.customers.list({ q: "page-", limit: 7 })).data.length, 7);
  assert.equal((await client.customers.list({ q: "page-", limit: 7 }).toArray(20)).length, 20);
});

describe("through a network that fails", () => {
  let proxy: Proxy;
  before(async () => {
    proxy = await Proxy.before(server);
    await product("ONCE", "100");
  });
  after(() => proxy.end());

  const orders = () => client.orders.list({ sku: "ONCE" }).toArray();
  const place = (options = {}) => server.client({ baseUrl: proxy.url, ...options })
    .orders.create({ customer_id: customerId, items: [{ sku: "ONCE", quantity: 1 }] });

  test("an answer that was lost is asked for again, and there is one order", async () => {
    proxy.plan.push("drop", "drop");
    const order = await place();
    assert.deepEqual((await orders()).map((one) => one.id), [order.id]);
    assert.equal(responseOf(order)?.replayed, true);
    assert.equal(responseOf(order)?.attempts, 3);
  });

  test("503 is tried again after Retry-After", async () => {
    const before = (await orders()).length;
    proxy.plan.push("busy");
    const began = Date.now();
    const order = await place();
    assert(Date.now() - began >= 1000, "came back too early");
    assert.equal(responseOf(order)?.attempts, 2);
    assert.equal((await orders()).length, before + 1);
  });

  test("it ends after so many attempts, or where the server asks for too much patience", async () => {
    proxy.plan.push("drop", "drop", "drop", "drop");
    const lost = await place({ maxRetries: 2 }).then(() => undefined, (error: unknown) => error);
    assert(lost instanceof ConnectionError);
    assert.match(lost.idempotencyKey ?? "", /^[0-9a-f-]{36}$/);
    proxy.plan.length = 0;
    proxy.plan.push("busy");
    assert.equal((await refused(place({ maxDelay: 500 }))).status, 503);
  });

  test("a login, which takes no key, is not repeated when its answer was lost", async () => {
    proxy.plan.push("drop");
    const before = proxy.requests;
    await assert.rejects(server.client({ baseUrl: proxy.url, apiKey: "" }).auth.login({ email: "a@example.com", password: "wrong password" }), ConnectionError);
    assert.equal(proxy.requests, before + 1);
  });

  test("the caller can stop it", async () => {
    proxy.plan.push("busy");
    const signal = AbortSignal.timeout(100);
    await assert.rejects(server.client({ baseUrl: proxy.url }).orders.get("x", {}, { signal }), { name: "TimeoutError" });
  });

  test("the event stream goes on where it was cut, without a gap and without an event twice", async () => {
    const start = (await client.events.list().toArray()).at(-1)?.position;
    const seen: Event[] = [];
    const stop = new AbortController();
    const reading = (async () => {
      const stream = server.client({ baseUrl: proxy.url }).events.stream({ after: start, types: "customer.created" }, { signal: stop.signal });
      for await (const event of stream) seen.push(event);
    })();
    const made: string[] = [];
    const create = async () => {
      made.push((await client.customers.create({ email: `stream-${made.length}@example.com` })).id);
    };
    for (let round = 0; round < 3; round++) {
      await create();
      await until(() => seen.length >= made.length);
      proxy.cut();
      await create();
      await until(() => seen.length >= made.length);
    }
    assert.deepEqual(seen.map((event) => event.aggregate_id), made);
    stop.abort();
    await reading;
  });
});
