from decimal import Decimal

from stateset import ApiError, StateSet

client = StateSet()

# Lists fetch their pages as they are needed.
for order in client.orders.list(status="delivered", expand=["customer"]):
    print(order.order_number, order.customer and order.customer.email)

# A refusal says why in `code`, and names every fault of a bad request.
try:
    client.products.create(name="", sku="CUP", price="9.99", currency="US")
except ApiError as refusal:
    print(refusal.code, [fault.pointer for fault in refusal.errors])  # invalid ['/name', '/currency']


# A key of your own makes a write happen once, however often the program runs.
def cup() -> str:
    product = client.products.create(
        name="A cup",
        sku="CUP",
        price=Decimal("9.99"),
        currency="USD",
        request={"idempotency_key": "import-CUP"},
    )
    print(product.version, product.response.replayed)  # 1 False, then 1 True
    return product.id


assert cup() == cup()

# Only if nobody changed it meanwhile; and what would it look like, without storing it?
dearer = client.products.update(cup(), price="10.99", request={"if_match": 1})
tried = client.products.archive(dearer.id, request={"dry_run": True})
print(dearer.price, tried.status, client.products.get(dearer.id).status)  # 10.99 archived active
