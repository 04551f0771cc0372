import { useEffect, useRef, useState } from "preact/hooks";

import { get, type Page, query } from "../api/client";
import type { Order } from "../api/types";
import { money, moment } from "../format";
import { useLive, useResource } from "../resource";
import { change, go, Link, type Place } from "../router";
import { Button, Choice, Empty, Heading, Key, Live, Loading, Status, Trouble, When } from "../ui/parts";

const statuses = ["pending", "processing", "on_hold", "partially_shipped", "shipped", "delivered", "cancelled"];
const payments = ["unpaid", "processing", "authorized", "partially_paid", "paid", "partially_refunded", "refunded", "failed", "voided"];
const fulfillments = ["unfulfilled", "partially_reserved", "reserved", "partially_fulfilled", "fulfilled", "partially_returned", "returned"];
const periods: Record<string, [string, number]> = { day: ["Last 24 hours", 24], week: ["Last 7 days", 168], month: ["Last 30 days", 720] };
const filters = ["q", "status", "payment_status", "fulfillment_status", "placed", "sort"];

// From a day's beginning, so that the address of a page asks the same for a while.
function createdAfter(period: string | null): string | undefined {
  const known = period ? periods[period] : undefined;
  if (!known) return undefined;
  const hour = 3_600_000;
  return new Date(Math.floor(Date.now() / hour) * hour - known[1] * hour).toISOString();
}

export function Orders({ place }: { place: Place }) {
  const at = (name: string) => place.parameters.get(name);
  const filter = query({
    q: at("q"),
    status: at("status"),
    payment_status: at("payment_status"),
    fulfillment_status: at("fulfillment_status"),
    sort: at("sort"),
    created_after: createdAfter(at("placed")),
    limit: 50,
    expand: "customer",
  });
  const first = useResource<Page<Order>>(filter, (signal) => get(`/orders${filter}`, signal));
  const [more, setMore] = useState<{ filter: string; pages: Page<Order>[] }>({ filter, pages: [] });
  const later = more.filter === filter ? more.pages : [];
  useLive(["order.*"], first.reload);
  const cursor = later.length ? later.at(-1)!.next_cursor : first.data?.next_cursor;
  const rows = dedupe([...(first.data?.data ?? []), ...later.flatMap((page) => page.data)]);
  const loadMore = async () => {
    const page = await get<Page<Order>>(`/orders${filter}&cursor=${encodeURIComponent(cursor!)}`);
    setMore({ filter, pages: [...later, page] });
  };
  const filtered = filters.some((name) => at(name));
  return (
    <>
      <Heading title="Orders" after={<Live />} />
      <div class="filters" role="search">
        <Search value={at("q") ?? ""} />
        <Choice label="Status" value={at("status") ?? ""} options={statuses} onChange={(status) => change({ status })} />
        <Choice label="Payment" value={at("payment_status") ?? ""} options={payments} onChange={(payment_status) => change({ payment_status })} />
        <Choice label="Fulfilment" value={at("fulfillment_status") ?? ""} options={fulfillments} onChange={(fulfillment_status) => change({ fulfillment_status })} />
        <span class="choice"><select aria-label="Placed" value={at("placed") ?? ""} class={at("placed") ? "set" : ""} onChange={(event) => change({ placed: event.currentTarget.value || null })}>
            <option value="">Placed: any time</option>
            {Object.entries(periods).map(([name, [label]]) => <option key={name} value={name}>{label}</option>)}
          </select></span>
        <span class="choice"><select aria-label="Sort" value={at("sort") ?? ""} onChange={(event) => change({ sort: event.currentTarget.value || null })}>
            <option value="">Newest first</option>
            <option value="oldest">Oldest first</option>
          </select></span>
        {filtered && <Button onClick={() => go("/orders")}>Clear</Button>}
      </div>
      {!first.data && first.problem && <Trouble problem={first.problem} retry={first.reload} />}
      {!first.data && !first.problem && <Loading rows={12} />}
      {first.data && rows.length === 0 && (
        <Empty title={filtered ? "No order matches" : "No orders yet"}>
          {filtered ? "Try fewer filters, or the beginning of a number, an SKU or an e-mail address." : "Orders appear here as they are placed."}
        </Empty>
      )}
      {rows.length > 0 && <Table rows={rows} />}
      {cursor && <div class="more"><Button onClick={loadMore}>Show more</Button></div>}
    </>
  );
}

function dedupe(rows: Order[]): Order[] {
  const seen = new Set<string>();
  return rows.filter((row) => !seen.has(row.id) && seen.add(row.id));
}

const typingMs = 250;

function Search({ value }: { value: string }) {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => setText(value), [value]);
  return (
    <label class="search">
      <span class="visually-hidden">Search orders</span>
      <input
        type="search"
        data-search
        placeholder="Number, SKU, customer, notes"
        value={text}
        onInput={(event) => {
          const typed = event.currentTarget.value;
          setText(typed);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => change({ q: typed.trim() || null }, true), typingMs);
        }}
      />
      <Key>/</Key>
    </label>
  );
}

function Table({ rows }: { rows: Order[] }) {
  return (
    <table class="list orders" data-list>
      <thead>
        <tr>
          <th scope="col">Order</th>
          <th scope="col">Customer</th>
          <th scope="col">Status</th>
          <th scope="col">Payment</th>
          <th scope="col">Fulfilment</th>
          <th scope="col" class="number">Total</th>
          <th scope="col">Placed</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((order) => (
          <tr key={order.id}>
            <td><Link to={`/orders/${order.id}`} class="row-link strong">{order.order_number}</Link></td>
            <td class="clip" data-name="Customer">{nameOf(order)}</td>
            <td><Status of={order.status} /></td>
            <td data-name="Payment"><Status of={order.payment_status} /></td>
            <td data-name="Fulfilment"><Status of={order.fulfillment_status} /></td>
            <td class="number">{money(order.total, order.currency)}</td>
            <td class="quiet-text when" title={moment(order.created_at)}><When time={order.created_at} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function nameOf(order: Order): string {
  const customer = order.customer;
  if (!customer) return "";
  return [customer.first_name, customer.last_name].filter(Boolean).join(" ") || customer.email || "";
}
