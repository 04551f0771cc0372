"""The same small shop for every figure: what is ordered, who orders, and what is asked."""
import random

from load import Requests

SKUS, CUSTOMERS = 10_000, 1_000
BODIES = 20_000
PRICE = "49.99"
HOT = "HOT"


def product(sku):
    return {"name": sku, "sku": sku, "price": PRICE, "currency": "USD", "track_inventory": True}


def stock(server):
    """The one that everybody wants."""
    server.ask("POST", "/products", product(HOT))
    server.ask("POST", f"/inventory/items/{HOT}/receive",
               {"location_id": 1, "quantity": "100000000"})


def set_up(server):
    """Returns the customers' ids."""
    stock(server)
    server.ask_many("POST", "/products", [product(f"SKU-{n}") for n in range(1, SKUS + 1)])
    buyers = server.ask_many("POST", "/customers", [{"email": f"buyer-{n}@example.com"}
                                                    for n in range(1, CUSTOMERS + 1)])
    return [buyer["id"] for buyer in buyers]


def reservation():
    return Requests("POST", [f"/api/v1/inventory/items/{HOT}/reserve "
                             '{"location_id":1,"quantity":"1"}'])


def order(customers):
    """Two lines of any two SKUs."""
    a, b = random.randint(1, SKUS), random.randint(1, SKUS)
    return {"customer_id": random.choice(customers),
            "items": [{"sku": f"SKU-{a}", "quantity": 1}, {"sku": f"SKU-{b}", "quantity": 2}]}


def orders(customers):
    bodies = (str(order(customers)).replace("'", '"') for _ in range(BODIES))
    return Requests("POST", [f"/api/v1/orders {body}" for body in bodies])


def reads(ids):
    return Requests("GET", [f"/api/v1/orders/{each}" for each in ids])
