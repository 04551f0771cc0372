import { StateSet } from "stateset";

const client = new StateSet({
  baseUrl: process.env.STATESET_URL, // http://127.0.0.1:8080 when it is not given
  apiKey: process.env.STATESET_KEY,
});

const customer = await client.customers.create({ email: "ada@example.com", first_name: "Ada" });
await client.products.create({ name: "A mug", sku: "MUG", price: "49.99", currency: "USD" });
await client.inventory.items.receive("MUG", { quantity: "15" });

const order = await client.orders.create({
  customer_id: customer.id,
  items: [{ sku: "MUG", quantity: 2 }],
});
console.log(`${order.order_number} costs ${order.total} ${order.currency}`);

await client.orders.process(order.id); // sets the stock aside
await client.payments.create({ order_id: order.id, method: { type: "card", token: "tok_ok" } });
const shipment = await client.shipments.create({ order_id: order.id, carrier: "sandbox" });
await client.shipments.ship(shipment.id);
await client.shipments.deliver(shipment.id);

console.log(`and is ${(await client.orders.get(order.id)).status}`);
