import { ApiError, StateSet, responseOf } from "stateset";

const client = new StateSet({ baseUrl: process.env.STATESET_URL, apiKey: process.env.STATESET_KEY });

// Lists fetch their pages as they are needed.
for await (const order of client.orders.list({ status: "delivered", expand: ["customer"] })) {
  console.log(order.order_number, order.customer?.email);
}

// A refusal says why in `code`, and names every fault of a bad request.
try {
  await client.products.create({ name: "", sku: "CUP", price: "9.99", currency: "US" });
} catch (error) {
  if (!(error instanceof ApiError)) throw error;
  console.log(error.code, error.errors.map((fault) => fault.pointer)); // invalid [ '/name', '/currency' ]
}

// A key of your own makes a write happen once, however often the program runs.
const cup = { name: "A cup", sku: "CUP", price: "9.99", currency: "USD" };
const made = await client.products.create(cup, { idempotencyKey: "import-CUP" });
const again = await client.products.create(cup, { idempotencyKey: "import-CUP" });
console.log(made.id === again.id, responseOf(again)?.replayed); // true true

// Only if nobody changed it meanwhile; and what would it look like, without storing it?
const dearer = await client.products.update(made.id, { price: "10.99" }, { ifMatch: made.version });
const tried = await client.products.archive(made.id, {}, { dryRun: true });
console.log(dearer.price, tried.status, (await client.products.get(made.id)).status); // 10.99 archived active
