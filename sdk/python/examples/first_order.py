from stateset import StateSet

client = StateSet()  # STATESET_URL says where the server is, STATESET_KEY is the API key

customer = client.customers.create(email="ada@example.com", first_name="Ada")
client.products.create(name="A mug", sku="MUG", price="49.99", currency="USD")
client.inventory.items.receive("MUG", quantity=15)

order = client.orders.create(customer_id=customer.id, items=[{"sku": "MUG", "quantity": 2}])
print(f"{order.order_number} costs {order.total} {order.currency}")

client.orders.process(order.id)  # sets the stock aside
client.payments.create(order_id=order.id, method={"type": "card", "token": "tok_ok"})
shipment = client.shipments.create(order_id=order.id, carrier="sandbox")
client.shipments.ship(shipment.id)
client.shipments.deliver(shipment.id)

print(f"and is {client.orders.get(order.id).status}")
