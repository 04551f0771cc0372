from __future__ import annotations

import re
import threading
import time
import unittest
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from stateset import ApiError, ConnectionError, StateSet
from stateset.models import Event, Order, Payment

from .server import Proxy, Server, until

server: Server
client: StateSet
customer_id: str


def setUpModule() -> None:
    global server, client, customer_id
    server = Server()
    client = server.client()
    customer_id = client.customers.create(email="ada@example.com").id


def tearDownModule() -> None:
    client.close()
    server.end()


def product(sku: str, stock: int | None = None) -> None:
    client.products.create(name=sku, sku=sku, price=Decimal("49.99"), currency="USD")
    if stock:
        client.inventory.items.receive(sku, quantity=stock)


def order_of(sku: str, quantity: int = 1) -> Order:
    return client.orders.create(
        customer_id=customer_id, items=[{"sku": sku, "quantity": quantity}]
    )


class Refusing(unittest.TestCase):
    def refused(self, call: Callable[[], object]) -> ApiError:
        with self.assertRaises(ApiError) as caught:
            call()
        return caught.exception


class MainJob(unittest.TestCase):
    def test_from_a_product_to_a_delivery_and_a_return(self) -> None:
        product("MUG", 15)
        order = order_of("MUG", 2)
        self.assertEqual(order.total, Decimal("99.98"))
        self.assertLess(datetime.now(timezone.utc) - order.created_at, timedelta(minutes=1))
        self.assertEqual(client.orders.process(order.id).fulfillment_status, "reserved")
        payment = client.payments.create(
            order_id=order.id, method={"type": "card", "token": "tok_ok"}
        )
        self.assertEqual(payment.status, "captured")
        self.assertFalse(payment.response.accepted)
        shipment = client.shipments.create(order_id=order.id, carrier="sandbox")
        self.assertEqual(client.shipments.ship(shipment.id).status, "shipped")
        delivered = client.shipments.deliver(shipment.id, reason="Left with a neighbour")
        self.assertEqual(delivered.status, "delivered")
        customer = client.orders.get(order.id, expand=["customer"]).customer
        self.assertEqual(customer and customer.email, "ada@example.com")

        (line,) = client.orders.items.list(order.id)
        rma = client.returns.create(
            order_id=order.id,
            items=[{"order_item_id": line.id, "quantity": 1, "reason": "Chipped"}],
        )
        client.returns.approve(rma.id)
        client.returns.receive(rma.id)
        client.returns.inspect(rma.id)
        completed = client.returns.complete(rma.id)
        self.assertEqual(completed.status, "completed")
        self.assertEqual(completed.refund_amount, Decimal("49.99"))
        self.assertEqual(client.inventory.items.get("MUG").balances[0].on_hand, 14)
        types = {event.type for event in client.orders.timeline(order.id)}
        self.assertLessEqual(
            {"order.created", "order.paid", "order.delivered", "return.completed"}, types
        )
        self.assertEqual(client.shipments.get_label(shipment.id)[:4], b"%PDF")

    def test_days_are_dates(self) -> None:
        product("DRILL")
        item = client.products.list(q="DRILL").take(1)[0]
        warranty = client.warranties.create(
            product_id=item.id, customer_id=customer_id, starts_on=date(2026, 1, 31), months=12
        )
        self.assertEqual(warranty.ends_on.year, 2027)
        self.assertIsNone(warranty.serial_number)

    def test_files_go_up_and_come_down_as_bytes(self) -> None:
        content = "email,first_name\nzoe@example.com,Zoë\n".encode()
        job = client.imports.create(kind="customers", format="csv")
        client.imports.chunks.upload(job.id, 1, content)
        self.assertEqual(client.imports.chunks.get(job.id, 1), content)
        client.imports.start(job.id)
        until(lambda: client.imports.get(job.id).status == "completed")
        (customer,) = client.customers.list(email="zoe@example.com")
        self.assertEqual(customer.first_name, "Zoë")

    def test_an_outcome_that_is_not_known_yet_is_told(self) -> None:
        product("SLOW", 1)
        payment = client.payments.create(
            order_id=order_of("SLOW").id, method={"type": "card", "token": "tok_timeout"}
        )
        self.assertEqual(payment.status, "processing")
        self.assertTrue(payment.response.accepted)

    def test_the_same_request_at_the_same_time_waits_for_its_own_answer(self) -> None:
        product("TWICE", 1)
        order = order_of("TWICE")

        def pay(_: int) -> Payment:
            return client.payments.create(
                order_id=order.id,
                method={"type": "card", "token": "tok_timeout"},
                request={"idempotency_key": "once"},
            )

        with ThreadPoolExecutor(2) as threads:
            one, other = threads.map(pay, range(2))
        self.assertEqual(one.id, other.id)
        self.assertGreater(one.response.attempts + other.response.attempts, 2)

    def test_a_dry_run_answers_the_same_and_stores_nothing(self) -> None:
        tried = client.customers.create(email="dry@example.com", request={"dry_run": True})
        self.assertEqual(tried.email, "dry@example.com")
        self.assertTrue(tried.response.dry_run)
        self.assertEqual(client.customers.list(email="dry@example.com").take(1), [])


class Refusals(Refusing):
    def test_every_fault_of_a_bad_request_is_told_by_its_pointer(self) -> None:
        error = self.refused(
            lambda: client.products.create(name="", sku="BAD", price=1, currency="US")
        )
        self.assertEqual((error.status, error.code), (400, "invalid"))
        self.assertEqual({fault.pointer for fault in error.errors}, {"/name", "/currency"})
        fault = error.fault("/name")
        self.assertTrue(fault and fault.message)
        self.assertTrue(error.request_id)

    def test_short_stock_says_so(self) -> None:
        product("RARE", 1)
        order = order_of("RARE", 2)
        error = self.refused(lambda: client.orders.process(order.id))
        self.assertEqual((error.status, error.code), (409, "insufficient_stock"))

    def test_a_decline_is_a_refusal_that_names_the_payment_it_left(self) -> None:
        product("DECLINED", 1)
        order = order_of("DECLINED")
        error = self.refused(
            lambda: client.payments.create(
                order_id=order.id, method={"type": "card", "token": "tok_declined"}
            )
        )
        self.assertEqual((error.status, error.code), (402, "payment_declined"))
        payment = (error.instance or "").rsplit("/", 1)[1]
        self.assertEqual(client.payments.get(payment).status, "failed")

    def test_wrong_credentials_and_unknown_things_are_told_apart(self) -> None:
        stranger = StateSet(base_url=server.url, api_key="sk_live_nobody")
        self.assertEqual(self.refused(lambda: stranger.orders.list().first_page()).status, 401)
        unknown = self.refused(lambda: client.orders.get("0198c9f2-6b7a-7c31-9d0e-3f5a8b1c2d4e"))
        self.assertEqual(unknown.code, "not_found")

    def test_a_stale_version_is_refused(self) -> None:
        customer = client.customers.create(email="stale@example.com", phone="+441234")
        self.assertEqual(customer.response.etag, f'"{customer.version}"')
        changed = client.customers.update(
            customer.id, phone=None, request={"if_match": customer.version}
        )
        self.assertIsNone(changed.phone)
        self.assertEqual(changed.email, customer.email)
        error = self.refused(
            lambda: client.customers.update(
                customer.id, first_name="Eve", request={"if_match": customer.version}
            )
        )
        self.assertEqual(error.code, "precondition_failed")


class Lists(unittest.TestCase):
    def test_250_are_walked_page_by_page_each_once(self) -> None:
        def create(number: int) -> str:
            return client.customers.create(
                email=f"page-{number}@example.com", external_id=f"page-{number}"
            ).id

        with ThreadPoolExecutor(8) as threads:
            made = list(threads.map(create, range(250)))
        walked = [one.id for one in client.customers.list(q="page-", limit=100)]
        self.assertEqual(len(walked), 250)
        self.assertEqual(set(walked), set(made))
        sizes = [len(page.data) for page in client.customers.list(q="page-", limit=100).pages()]
        self.assertEqual(sizes, [100, 100, 50])
        self.assertEqual(len(client.customers.list(q="page-", limit=7).take(20)), 20)


class Network(Refusing):
    """What happens when it fails."""

    proxy: Proxy

    @classmethod
    def setUpClass(cls) -> None:
        cls.proxy = Proxy(server)
        product("ONCE", 100)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.proxy.end()

    def tearDown(self) -> None:
        self.proxy.plan.clear()

    def orders(self) -> list[str]:
        return [order.id for order in client.orders.list(sku="ONCE")]

    def place(self, max_retries: int = 5, max_delay: float = 30) -> Order:
        through = server.client(self.proxy.url, max_retries, max_delay)
        return through.orders.create(
            customer_id=customer_id, items=[{"sku": "ONCE", "quantity": 1}]
        )

    def test_a_lost_answer_is_asked_for_again_and_there_is_one_order(self) -> None:
        before = self.orders()
        self.proxy.plan += ["drop", "drop"]
        order = self.place()
        self.assertEqual([one for one in self.orders() if one not in before], [order.id])
        self.assertTrue(order.response.replayed)
        self.assertEqual(order.response.attempts, 3)

    def test_503_is_tried_again_after_retry_after(self) -> None:
        before = len(self.orders())
        self.proxy.plan.append("busy")
        began = time.monotonic()
        order = self.place()
        self.assertGreaterEqual(time.monotonic() - began, 1)
        self.assertEqual(order.response.attempts, 2)
        self.assertEqual(len(self.orders()), before + 1)

    def test_it_ends_after_so_many_attempts(self) -> None:
        self.proxy.plan += ["drop", "drop", "drop"]
        with self.assertRaises(ConnectionError) as lost:
            self.place(max_retries=2)
        self.assertTrue(re.fullmatch("[0-9a-f-]{36}", lost.exception.idempotency_key or ""))

    def test_it_ends_where_the_server_asks_for_too_much_patience(self) -> None:
        self.proxy.plan.append("busy")
        self.assertEqual(self.refused(lambda: self.place(max_delay=0.5)).status, 503)

    def test_a_login_which_takes_no_key_is_not_repeated_when_its_answer_was_lost(self) -> None:
        self.proxy.plan.append("drop")
        before = self.proxy.requests
        with self.assertRaises(ConnectionError):
            StateSet(base_url=self.proxy.url).auth.login(email="a@example.com", password="wrong one")
        self.assertEqual(self.proxy.requests, before + 1)

    def test_a_connection_that_was_closed_while_idle_is_no_failure(self) -> None:
        through = server.client(self.proxy.url, max_retries=0)
        through.orders.list().first_page()
        self.proxy.cut()
        self.assertEqual(through.customers.get(customer_id).id, customer_id)

    def test_the_event_stream_goes_on_where_it_was_cut(self) -> None:
        *_, last = client.events.list()
        seen: list[Event] = []
        stream = server.client(self.proxy.url).events.stream(
            after=last.position, types="customer.created"
        )
        reader = threading.Thread(target=lambda: seen.extend(stream))
        reader.start()
        made: list[str] = []
        for _ in range(3):
            for cut in (False, True):
                if cut:
                    self.proxy.cut()
                email = f"stream-{len(made)}@example.com"
                made.append(client.customers.create(email=email).id)
                until(lambda: len(seen) >= len(made))
        stream.close()
        reader.join(30)
        self.assertFalse(reader.is_alive())
        self.assertEqual([event.aggregate_id for event in seen], made)


if __name__ == "__main__":
    unittest.main()
