#!/usr/bin/env python3
"""Walks the journeys of docs/journeys/ against a real server and writes the pages from what it answered.

    tools/journeys.py [--binary build/stateset] [--check]

Starts a server of its own on a free port with temporary data. `--check` writes nothing and fails where a page is not
what the server says today. Ids and times are numbered, so that a page only changes when an answer does.
"""
import argparse
import json
import sys
import time
import urllib.error
import urllib.request

import real_runs
from real_runs import LOGIN, PATIENCE, ROOT, pretty

PAGES = ROOT / "docs" / "journeys"


class Server(real_runs.Server):
    """… that is asked as its first administrator."""
    token = None

    def __init__(self, binary, *flags):
        super().__init__(binary, *flags)
        self.token = self.ask("POST", "/auth/login", LOGIN)[1]["access_token"]

    def ask(self, method, path, body=None):
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        request = urllib.request.Request(self.url + "/api/v1" + path, method=method, headers=headers,
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                status, text = answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            status, text = refused.code, refused.read()
        return status, json.loads(text) if text else None


def chosen(value, paths):
    """Only the members that `paths` name, such as "items.quantity"; lists are gone through."""
    if isinstance(value, list):
        return [chosen(one, paths) for one in value]
    if not isinstance(value, dict):
        return value
    heads = {}
    for path in paths:
        head, _, rest = path.partition(".")
        heads.setdefault(head, []).append(rest)
    missing = [head for head in heads if head not in value]
    if missing:
        raise KeyError(f"the answer has no {', '.join(missing)}: {json.dumps(value)}")
    return {head: value[head] if "" in rests else chosen(value[head], rests) for head, rests in heads.items()}


class Page:
    """One journey: what is asked, why, and what the server said."""

    def __init__(self, server, name, title, story):
        self.server, self.name = server, name
        self.lines = [f"# {title}", "", story, "",
                      "Taken from a real run by `tools/journeys.py`. Answers are cut down to the members that matter; ids and"
                      " times are numbered.", ""]

    def say(self, text):
        self.lines += [text, ""]

    def quietly(self, method, path, body=None):
        status, answer = self.server.ask(method, path, body)
        if status >= 400:
            sys.exit(f"{self.name}: {method} {path} was answered {status}: {json.dumps(answer)}")
        return answer

    def ask(self, why, method, path, body=None, show=(), status=None, until=None):
        """`until`: asks again until it holds of the answer; for what happens in the background."""
        end = time.monotonic() + PATIENCE
        while True:
            got, answer = self.server.ask(method, path, body)
            if until is None or until(answer) or time.monotonic() > end:
                break
            time.sleep(0.05)
        expected = status or (200, 201)
        if got not in (expected if isinstance(expected, tuple) else (expected,)) or (until and not until(answer)):
            sys.exit(f"{self.name}: {method} {path} was answered {got}: {json.dumps(answer, indent=1)}")
        self.lines += [why, "", "```http", f"{method} /api/v1{path}"]
        if body is not None:
            self.lines += ["", pretty(body)]
        self.lines += ["```", "", "```json", f"// {got}", pretty(chosen(answer, show) if show else answer), "```", ""]
        return answer

    def post(self, why, path, body=None, **more):
        return self.ask(why, "POST", path, body, **more)

    def get(self, why, path, **more):
        return self.ask(why, "GET", path, **more)

    def text(self):
        return real_runs.Names().normalised("\n".join(self.lines).rstrip() + "\n")


# ---- what the journeys begin with

def product(page, sku, price="20.00", stock=None, name=None, **more):
    made = page.quietly("POST", "/products", {"name": name or sku.capitalize(), "sku": sku, "price": price, "currency": "USD"} | more)
    if stock:
        page.quietly("POST", f"/inventory/items/{sku}/receive", {"quantity": stock})
    return made["id"]


def customer(page, first):
    return page.quietly("POST", "/customers", {"email": f"{first.lower()}.{page.name}@example.com", "first_name": first})["id"]


def sold(page, who, items, ship=True):
    """An order that was paid and, unless said otherwise, delivered."""
    order = page.quietly("POST", "/orders", {"customer_id": who, "items": items})
    page.quietly("POST", f"/orders/{order['id']}/process")
    page.quietly("POST", "/payments", {"order_id": order["id"], "method": {"type": "card", "token": "tok_ok"}})
    if ship:
        delivered(page, order)
    return order


def delivered(page, order, items=None):
    shipment = page.quietly("POST", "/shipments", {"order_id": order["id"]} | ({"items": items} if items else {}))
    page.quietly("POST", f"/shipments/{shipment['id']}/ship")
    page.quietly("POST", f"/shipments/{shipment['id']}/deliver")


# ---- the journeys

def first_order(server):
    page = Page(server, "first-order", "The first order",
                "A customer orders two mugs. The order is placed, its stock is set aside, it is paid, shipped and delivered.")
    page.post("A product; stock is kept of it.", "/products",
              {"name": "A mug", "sku": "MUG", "price": "49.99", "currency": "USD"}, show=["id", "sku", "price", "status"])
    page.post("Fifteen mugs arrive.", "/inventory/items/MUG/receive", {"quantity": "15"},
              show=["location_id", "on_hand", "allocated", "available"])
    ada = page.post("Ada becomes a customer.", "/customers", {"email": "ada@example.com", "first_name": "Ada"},
                    show=["id", "email"])["id"]
    order = page.post("She orders two. The server prices the order.", "/orders",
                      {"customer_id": ada, "items": [{"sku": "MUG", "quantity": 2}]},
                      show=["id", "order_number", "status", "payment_status", "fulfillment_status", "total"])["id"]
    page.post("Her mugs are set aside.", f"/orders/{order}/process", show=["status", "fulfillment_status"])
    page.post("She pays.", "/payments", {"order_id": order, "method": {"type": "card", "token": "tok_ok"}},
              show=["id", "amount", "status", "gateway"])
    shipment = page.post("A shipment with its label.", "/shipments", {"order_id": order, "carrier": "sandbox"},
                         show=["id", "status", "carrier", "items.sku", "items.quantity"])["id"]
    page.post("It leaves: the stock falls.", f"/shipments/{shipment}/ship", show=["status"])
    page.post("It arrives.", f"/shipments/{shipment}/deliver", show=["status"])
    page.get("The order knows.", f"/orders/{order}", show=["status", "payment_status", "fulfillment_status"])
    page.get("And thirteen mugs are left.", "/inventory/items/MUG",
             show=["item_number", "balances.on_hand", "balances.allocated", "balances.available"])
    page.get("Everything that happened, in order.", f"/orders/{order}/timeline", show=["data.type", "data.aggregate_type"])
    return page


def return_of_two_shipments(server):
    page = Page(server, "return", "A return of two partial shipments",
                "Three plates went out in two parcels. The customer sends two back: one is fit for the shelf, one is not.")
    product(page, "PLATE", "10.01", "10")
    grace = customer(page, "Grace")
    order = sold(page, grace, [{"sku": "PLATE", "quantity": 3}], ship=False)
    line = order["items"][0]["id"]
    for quantity in (1, 2):
        delivered(page, order, [{"order_item_id": line, "quantity": quantity}])
    asked = page.post("Grace wants to send two of three back. A line may stand in several items, with different reasons.",
                      "/returns", {"order_id": order["id"], "items": [
                          {"order_item_id": line, "quantity": 1, "reason": "Does not suit the kitchen"},
                          {"order_item_id": line, "quantity": 1, "reason": "Cracked"}]},
                      show=["id", "rma_number", "status", "items.id", "items.quantity", "items.reason"])
    rma, items = asked["id"], [item["id"] for item in asked["items"]]
    page.post("More than was shipped cannot come back: one is left.", "/returns",
              {"order_id": order["id"], "items": [{"order_item_id": line, "quantity": 2}]}, status=409,
              show=["code", "title", "detail"])
    page.post("Support approves, the parcel comes, the warehouse takes it in.", f"/returns/{rma}/approve", show=["status"])
    page.post("Both arrived.", f"/returns/{rma}/receive", show=["status", "items.received"])
    page.post("One is as good as new, one is scrap.", f"/returns/{rma}/inspect",
              {"items": [{"return_item_id": items[0], "disposition": "restock"},
                         {"return_item_id": items[1], "disposition": "scrap"}]},
              show=["status", "items.disposition"])
    page.post("Completing it restocks once and gives back what the two were sold for.", f"/returns/{rma}/complete",
              show=["status", "value", "refund_amount", "refund_status", "refunds.amount", "refunds.status"])
    page.get("The order shows what came back.", f"/orders/{order['id']}",
             show=["status", "payment_status", "fulfillment_status", "items.shipped", "items.returned"])
    page.get("One plate is on the shelf again.", "/inventory/items/PLATE", show=["balances.on_hand", "balances.available"])
    return page


def exchange(server):
    page = Page(server, "exchange", "An exchange",
                "A lamp comes back and a dearer one goes out. What the first was worth pays for the second as far as it goes.")
    product(page, "LAMP-S", "30.00", "5", name="Small lamp")
    product(page, "LAMP-L", "45.00", "5", name="Large lamp")
    who = customer(page, "Edsger")
    order = sold(page, who, [{"sku": "LAMP-S", "quantity": 1}])
    line = order["items"][0]["id"]
    rma = page.post("The return names what is wanted instead.", "/returns",
                    {"order_id": order["id"], "items": [{"order_item_id": line, "quantity": 1, "reason": "Too small"}],
                     "replacements": [{"sku": "LAMP-L", "quantity": 1}]},
                    show=["id", "status", "replacements.sku", "replacements.quantity"])["id"]
    for step in ("approve", "receive", "inspect"):
        page.quietly("POST", f"/returns/{rma}/{step}")
    done = page.post("It is approved, received and inspected as any return; then it is completed.", f"/returns/{rma}/complete",
                     show=["status", "value", "exchanged", "refund_amount", "exchange_order_id"])
    new = done["exchange_order_id"]
    page.get("The new order is linked to the old one and owes the difference.", f"/orders/{new}",
             show=["order_number", "origin", "origin_order_id", "status", "payment_status", "total"])
    page.post("The customer pays what is owed: an amount need not be named.", "/payments",
              {"order_id": new, "method": {"type": "card", "token": "tok_ok"}}, show=["amount", "status"])
    page.get("Now it is paid and goes the way of every order.", f"/orders/{new}", show=["payment_status"])
    return page


def warranty_claim(server):
    page = Page(server, "warranty", "A warranty claim, met by a replacement",
                "Products with `warranty_months` are under warranty from the day they are delivered; nobody has to register them.")
    product(page, "DRILL", "89.00", name="Cordless drill", warranty_months=24, tracking="serial")
    page.quietly("POST", "/inventory/items/DRILL/receive", {"quantity": "2", "serial_numbers": ["D-001", "D-002"]})
    who = customer(page, "Barbara")
    sold(page, who, [{"sku": "DRILL", "quantity": 1}])
    found = page.get("Who holds the drill D-001, from which order, under which warranty? One query answers.",
                     "/warranties/lookup?serial_number=D-001",
                     show=["data.warranty_number", "data.status", "data.serial_number", "data.order_number",
                           "data.customer.first_name", "data.claims"])
    claim = page.post("It breaks; Barbara claims.", "/warranties/claims",
                      {"warranty_id": found["data"][0]["id"], "description": "The chuck does not hold any more.",
                       "evidence": ["https://example.com/photos/chuck.jpg"]},
                      show=["id", "claim_number", "status"])["id"]
    page.post("Support looks at it", f"/warranties/claims/{claim}/review", show=["status"])
    page.post("and approves.", f"/warranties/claims/{claim}/approve", {"reason": "A known fault of this series"},
              show=["status", "decision_reason"])
    done = page.post("A new drill makes it good. The order costs nothing and names where it came from.",
                     f"/warranties/claims/{claim}/resolve", {"resolution": "replace"},
                     show=["status", "resolution", "order_id"])
    page.get("It is processed and shipped like any other.", f"/orders/{done['order_id']}",
             show=["order_number", "origin", "status", "total", "items.sku", "items.quantity"])
    page.get("The claim is found from the order, too.", f"/warranties/claims?order_id={done['order_id']}",
             show=["data.claim_number", "data.status"])
    return page


def build(server):
    page = Page(server, "build", "A build of three levels that shares its screws with a sales order",
                "A cart needs a frame and wheels, the frame and the wheels need screws, and screws are sold as well.")
    stock = {"SCREW": "40", "TUBE": "6", "TYRE": "10"}
    ids = {sku: product(page, sku, "0.50", stock.get(sku)) for sku in ("SCREW", "TUBE", "TYRE", "FRAME", "WHEEL", "CART")}
    boms = {}
    for sku, items in {"FRAME": [("TUBE", "2", None), ("SCREW", "6", None)],
                       "WHEEL": [("TYRE", "1", None), ("SCREW", "3", "10")]}.items():
        bom = page.quietly("POST", "/boms", {"product_id": ids[sku], "items": [
            {"sku": part, "quantity": quantity} | ({"scrap_percent": scrap} if scrap else {}) for part, quantity, scrap in items]})
        page.quietly("POST", f"/boms/{bom['id']}/activate")
        boms[sku] = bom["id"]
    cart = page.post("The frame and the wheel have their BOMs already; a wheel loses a tenth of its screws. Now the cart's.",
                     "/boms", {"product_id": ids["CART"], "items": [{"sku": "FRAME", "quantity": "1"},
                                                                    {"sku": "WHEEL", "quantity": "2"}]},
                     show=["id", "bom_number", "revision", "status"])["id"]
    page.post("From now on it counts.", f"/boms/{cart}/activate", show=["status"])
    page.get("What do three carts need, down to the last screw, and what is short?", f"/boms/{cart}/explode?quantity=3",
             show=["components.item_number", "components.quantity", "components.available", "components.short"])
    loop = page.quietly("POST", "/boms", {"product_id": ids["TUBE"], "items": [{"sku": "CART", "quantity": "1"}]})["id"]
    page.post("A tube cannot be made of carts: nothing may contain itself, however deep.", f"/boms/{loop}/activate",
              status=409, show=["code", "title", "detail"])
    ada = customer(page, "Radia")
    order = page.post("Meanwhile a customer buys 25 screws.", "/orders",
                      {"customer_id": ada, "items": [{"sku": "SCREW", "quantity": 25}]}, show=["id", "order_number"])["id"]
    page.post("They are set aside, and 15 are left.", f"/orders/{order}/process", show=["status", "fulfillment_status"])
    frames = page.post("Two frames are to be made.", "/work-orders", {"bom_id": boms["FRAME"], "quantity": "2"},
                       show=["id", "work_order_number", "status", "items.sku", "items.required"])["id"]
    page.post("Releasing sets 12 screws aside, under the same rules as for orders.", f"/work-orders/{frames}/release",
              show=["status", "items.sku", "items.reserved"])
    wheels = page.quietly("POST", "/work-orders", {"bom_id": boms["WHEEL"], "quantity": "4"})["id"]
    page.post("For four wheels it would take 13.2 more: all or nothing.", f"/work-orders/{wheels}/release", status=409,
              show=["code", "detail"])
    page.post("The order is cancelled, its screws are free,", f"/orders/{order}/cancel", show=["status"])
    page.post("and the wheels have what they need.", f"/work-orders/{wheels}/release", show=["status", "items.sku", "items.reserved"])
    for one in (frames, wheels):
        page.quietly("POST", f"/work-orders/{one}/start")
    page.post("One frame is finished first: it takes its share of the components.", f"/work-orders/{frames}/complete",
              {"quantity": "1"}, show=["status", "produced", "items.sku", "items.consumed"])
    page.post("The rest.", f"/work-orders/{frames}/complete", show=["status", "produced", "items.consumed"])
    page.quietly("POST", f"/work-orders/{wheels}/complete")
    last = page.quietly("POST", "/work-orders", {"bom_id": cart, "quantity": "2"})["id"]
    for step in ("release", "start"):
        page.quietly("POST", f"/work-orders/{last}/{step}")
    page.post("With frames and wheels on the shelf two carts are put together.", f"/work-orders/{last}/complete",
              show=["status", "produced"])
    page.get("What is left of the screws: 40 - 12 - 13.2.", "/inventory/items/SCREW",
             show=["balances.on_hand", "balances.allocated", "balances.available"])
    return page


def recall(server):
    page = Page(server, "recall", "A recall",
                "Coffee is tracked by lot. What expires first leaves first; when a lot turns out bad, everybody who has some is found.")
    product(page, "COFFEE", "12.00", tracking="lot")
    for lot, expires in (("L-NEW", "2099-06-30"), ("L-OLD", "2099-01-31")):
        page.post(f"Lot {lot} arrives.", "/inventory/items/COFFEE/receive",
                  {"quantity": "3", "lot_number": lot, "expires_on": expires}, show=["on_hand", "available"])
    basket = product(page, "BASKET", "20.00", tracking="lot")
    bom = page.quietly("POST", "/boms", {"product_id": basket, "items": [{"sku": "COFFEE", "quantity": "1"}]})["id"]
    page.quietly("POST", f"/boms/{bom}/activate")
    work = page.quietly("POST", "/work-orders", {"bom_id": bom, "quantity": "1"})["id"]
    for step in ("release", "start", "complete"):
        page.quietly("POST", f"/work-orders/{work}/{step}")
    sold(page, customer(page, "Mary"), [{"sku": "BASKET", "quantity": 1}])
    sold(page, customer(page, "Donald"), [{"sku": "COFFEE", "quantity": 2}])
    sold(page, customer(page, "Frances"), [{"sku": "COFFEE", "quantity": 1}])
    lots = page.get("One was put into a gift basket, with a lot of its own, which Mary bought; Donald bought two, Frances one. The old lot left first.",
                    "/inventory/lots?lot_number=L-OLD",
                    show=["data.id", "data.lot_number", "data.expires_on", "data.status"])
    lot = lots["data"][0]["id"]
    page.post("It has gone stale: nobody gets any more of it.", f"/inventory/lots/{lot}/quarantine",
              {"reason": "Stale on arrival"}, show=["lot_number", "status"])
    page.get("Who has some of it, also as a part of something else?", f"/inventory/lots/{lot}/orders",
             show=["data.order_number", "data.first_name", "data.email", "data.shipped", "data.made_of"])
    page.post("What would an order of three take now, and why not the rest?", "/inventory/plan",
              {"items": [{"sku": "COFFEE", "quantity": 3}]})
    return page


def transfer(server):
    page = Page(server, "transfer", "A transfer with a difference",
                "Ten chairs leave for the shop; nine arrive.")
    product(page, "CHAIR", "60.00", "12")
    shop = page.post("The shop is a location.", "/locations", {"code": "SHOP", "name": "The shop", "type": "store", "priority": 200},
                     show=["id", "code", "priority"])["id"]
    made = page.post("A transfer of ten.", "/inventory/transfers",
                     {"from_location_id": 1, "to_location_id": shop, "items": [{"sku": "CHAIR", "quantity": "10"}]},
                     show=["id", "transfer_number", "status", "items.id", "items.quantity"])
    one, item = made["id"], made["items"][0]["id"]
    page.post("They leave.", f"/inventory/transfers/{one}/ship", show=["status", "items.shipped", "items.in_transit"])
    page.get("Two are left in the warehouse; ten are on no shelf.", "/inventory/items/CHAIR",
             show=["balances.location_id", "balances.on_hand", "balances.available"])
    page.post("Nine are counted at the ramp.", f"/inventory/transfers/{one}/receive",
              {"items": [{"transfer_item_id": item, "quantity": "9"}]},
              show=["status", "items.received", "items.in_transit"])
    page.post("The last one will not come: closing writes it off, with a reason.", f"/inventory/transfers/{one}/close",
              {"reason": "Fell off the lorry"}, show=["status", "end_reason", "items.received", "items.lost"])
    page.get("Shipped = received + lost, and the ledgers agree.", "/inventory/items/CHAIR",
             show=["balances.location_id", "balances.on_hand"])
    return page


def count(server):
    page = Page(server, "count", "A count during sales",
                "Nobody stops selling while shelves are counted: a line says when it was counted, and what moved since is taken"
                " into account.")
    product(page, "BOOK", "15.00", "20")
    who = customer(page, "Annie")
    one = page.post("A count is opened.", "/inventory/counts", {}, show=["id", "count_number", "status"])["id"]
    page.post("Eighteen books are counted. The count is blind: it does not say what should be there.",
              f"/inventory/counts/{one}/lines", {"lines": [{"sku": "BOOK", "quantity": "18"}]}, show=["status", "lines.sku", "lines.counted"])
    sold(page, who, [{"sku": "BOOK", "quantity": 3}])
    page.get("Meanwhile three are sold and leave.", "/inventory/items/BOOK", show=["balances.on_hand"])
    page.post("The count is completed: 18 were there, 3 left since, so 15 are there now.", f"/inventory/counts/{one}/complete",
              show=["status", "lines.sku", "lines.counted"])
    page.get("The shelf says so, too.", "/inventory/items/BOOK", show=["balances.on_hand", "balances.available"])
    return page


def demo(server):
    page = Page(server, "demo", "The demo",
                "`./dev run --demo` fills an empty server with a shop that could be real: orders at every stage, goods on their"
                " way back, a claim, work orders, a transfer on its way and a count under way.")
    page.get("The newest orders, each at another stage.", "/orders?limit=6", show=["data.order_number", "data.status", "data.total"])
    page.get("What comes back.", "/returns", show=["data.rma_number", "data.status", "data.value"])
    page.get("Kettles, grinders and scales are under warranty since they were delivered.", "/warranties?limit=3",
             show=["data.warranty_number", "data.status", "data.quantity"])
    page.get("One of them is claimed.", "/warranties/claims", show=["data.claim_number", "data.status", "data.description"])
    page.get("Gift boxes are packed.", "/work-orders?expand=items",
             show=["data.work_order_number", "data.status", "data.quantity", "data.produced", "data.items.sku",
                   "data.items.required", "data.items.reserved", "data.items.consumed"])
    page.get("Mugs are on their way to the shop in town.", "/inventory/transfers?expand=items",
             show=["data.transfer_number", "data.status", "data.items.sku", "data.items.in_transit"])
    page.get("And somebody counts.", "/inventory/counts", show=["data.count_number", "data.status"])
    return page


JOURNEYS = [first_order, return_of_two_shipments, exchange, warranty_claim, build, recall, transfer, count]


def index(pages):
    lines = ["# Journeys", "", "Each page is a real run: requests, and the answers the server gave. `tools/journeys.py` writes"
             " them, and a test compares them with what the server says today.", ""]
    lines += [f"- [{page.lines[0].removeprefix('# ')}]({page.name}.md)" for page in pages]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--binary", default=str(ROOT / "build" / "stateset"))
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a page is not what the server says")
    parser.add_argument("--only", help="one journey's function name")
    options = parser.parse_args()
    server = Server(options.binary)
    try:
        pages = [journey(server) for journey in JOURNEYS if options.only in (None, journey.__name__)]
    finally:
        server.end()
    if options.only in (None, "demo"):
        shop = Server(options.binary, "--demo")
        try:
            pages.append(demo(shop))
        finally:
            shop.end()
    texts = {PAGES / f"{page.name}.md": page.text() for page in pages}
    if options.only is None:
        texts[PAGES / "README.md"] = index(pages)
    real_runs.settle(texts, options.check, "tools/journeys.py")


if __name__ == "__main__":
    main()
