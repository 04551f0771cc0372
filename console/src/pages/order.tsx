import { useState } from "preact/hooks";

import { get, type Page } from "../api/client";
import { may, useCaller } from "../api/me";
import type { Happening } from "../api/stream";
import type { Address, Order as OneOrder, Payment, Return, Shipment } from "../api/types";
import { isZero, money } from "../format";
import { useLive, useResource } from "../resource";
import { Link } from "../router";
import { Asking, type Question } from "../ui/ask";
import { Moves } from "../ui/moves";
import { Button, Card, Empty, Fact, Heading, Live, Shown, Status, When } from "../ui/parts";
import { nameOf } from "./orders";
import { Timeline, wholeTimeline } from "./timeline";

interface Whole {
  order: OneOrder;
  payments: Payment[];
  shipments: Shipment[];
  returns: Return[];
  timeline: Happening[];
}

const kinds = ["order.*", "payment.*", "refund.*", "shipment.*", "return.*", "inventory.*"];
// What a caller may not see is left out, not the page.
const none = () => ({ data: [], next_cursor: null });

async function read(id: string, signal: AbortSignal): Promise<Whole> {
  const [order, payments, shipments, returns, timeline] = await Promise.all([
    get<OneOrder>(`/orders/${id}?expand=customer`, signal),
    get<Page<Payment>>(`/payments?order_id=${id}&limit=100`, signal).catch(none),
    get<Page<Shipment>>(`/shipments?order_id=${id}&limit=100&expand=items`, signal).catch(none),
    get<Page<Return>>(`/returns?order_id=${id}&limit=100`, signal).catch(none),
    wholeTimeline(id, signal),
  ]);
  return { order, payments: payments.data, shipments: shipments.data, returns: returns.data, timeline };
}

export function Order({ id }: { id: string }) {
  const whole = useResource(`order ${id}`, (signal) => read(encodeURIComponent(id), signal));
  useLive(kinds, whole.reload, (happening) => happening.aggregate_id === id || happening.data?.order_id === id);
  return <Shown of={whole}>{(data) => <Shape whole={data} reload={whole.reload} />}</Shown>;
}

function Shape({ whole, reload }: { whole: Whole; reload: () => void }) {
  const { order } = whole;
  return (
    <>
      <nav aria-label="Breadcrumb" class="crumbs"><Link to="/orders">Orders</Link></nav>
      <Heading
        title={order.order_number}
        after={<><Status of={order.status} /><Status of={order.payment_status} /><Status of={order.fulfillment_status} /><Live /></>}
      />
      {order.hold_reason && <p class="notice warn">On hold: {order.hold_reason}</p>}
      {order.cancel_reason && <p class="notice">Cancelled: {order.cancel_reason}</p>}
      <Next order={order} reload={reload} />
      <div class="split">
        <div class="stack">
          <Lines order={order} />
          <Parcels order={order} shipments={whole.shipments} reload={reload} />
          <Money order={order} payments={whole.payments} reload={reload} />
          {whole.returns.length > 0 && (
            <Card title="Returns">
              <ul class="rows">
                {whole.returns.map((each) => (
                  <li key={each.id}>
                    <Link to={`/returns/${each.id}`} class="strong">{each.rma_number}</Link>
                    <Status of={each.status} />
                    <span class="grow" />
                    <span class="quiet-text when"><When time={each.updated_at} /></span>
                  </li>
                ))}
              </ul>
            </Card>
          )}
        </div>
        <div class="stack">
          <Card title="Timeline"><Timeline happenings={whole.timeline} /></Card>
          <Card title="Customer">
            <dl class="facts">
              <Fact name="Name">{nameOf(order) || "–"}</Fact>
              <Fact name="E-mail">{order.customer?.email ?? "–"}</Fact>
              <Fact name="Ships to"><Where address={order.shipping_address} /></Fact>
              <Fact name="Placed"><When time={order.created_at} /></Fact>
              {order.notes && <Fact name="Notes"><span class="prewrap">{order.notes}</span></Fact>}
            </dl>
          </Card>
        </div>
      </div>
    </>
  );
}

// The lifecycle's moves, and what brings an order on without moving it: money and parcels.
function Next({ order, reload }: { order: OneOrder; reload: () => void }) {
  const caller = useCaller();
  const [asked, setAsked] = useState<Question | null>(null);
  const owes = ["unpaid", "failed", "voided", "partially_paid"].includes(order.payment_status) && order.status !== "cancelled";
  return (
    <div class="next" role="region" aria-label="Next steps">
      <Moves resource="/orders" id={order.id} status={order.status} label={order.order_number} after={reload} />
      {owes && may(caller, "payments:create") && (
        <Button onClick={() => setAsked(payment(order))}>Take payment</Button>
      )}
      {asked && <Asking question={asked} close={() => setAsked(null)} after={reload} />}
    </div>
  );
}

function payment(order: OneOrder): Question {
  return {
    title: `Take payment: ${order.order_number}`,
    verb: "Take payment",
    consequences: (
      <p>
        Takes what is owed of {money(order.total, order.currency)}. If the card is declined and nothing has left yet, the
        order is cancelled and its stock is free again.
      </p>
    ),
    fields: [
      { name: "type", label: "By", kind: "choice", options: [{ value: "card", label: "Card" }, { value: "bank_transfer", label: "Bank transfer" }], pointer: "/method/type" },
      { name: "token", label: "Card token", hint: "From the payment form; a bank transfer needs none.", pointer: "/method/token", value: "tok_ok" },
      { name: "amount", label: "Amount", hint: "All that is owed unless given." },
    ],
    body: ({ type, token, amount }) => ({
      order_id: order.id,
      method: type === "card" ? { type, token } : { type },
      ...(amount ? { amount } : {}),
    }),
    path: "/payments",
    done: `${order.order_number}: payment taken`,
  };
}

function Lines({ order }: { order: OneOrder }) {
  const lines = order.items ?? [];
  const sums: [string, string][] = [
    ["Subtotal", order.subtotal],
    ["Discount", order.discount_total],
    ["Tax", order.tax_total],
    ["Shipping", order.shipping_total],
  ];
  return (
    <Card title="Items">
      <table class="lines">
        <thead>
          <tr>
            <th scope="col">Item</th>
            <th scope="col" class="number">Ordered</th>
            <th scope="col" class="number">Reserved</th>
            <th scope="col" class="number">Shipped</th>
            <th scope="col" class="number">Total</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.id}>
              <td>
                <Link to={`/inventory/${encodeURIComponent(line.sku)}`}>{line.sku}</Link>
                <span class="quiet-text block">{line.name}</span>
              </td>
              <td class="number">{line.quantity}</td>
              <td class="number">{line.reserved}{line.backordered > 0 && <span class="quiet-text block">{line.backordered} wait</span>}</td>
              <td class="number">{line.shipped}{line.returned > 0 && <span class="quiet-text block">{line.returned} back</span>}</td>
              <td class="number">{money(line.total, order.currency)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          {sums.filter(([, amount]) => !isZero(amount)).map(([name, amount]) => (
            <tr key={name}><th scope="row" colSpan={4}>{name}</th><td class="number">{money(amount, order.currency)}</td></tr>
          ))}
          <tr class="total"><th scope="row" colSpan={4}>Total</th><td class="number">{money(order.total, order.currency)}</td></tr>
        </tfoot>
      </table>
    </Card>
  );
}

function Parcels({ order, shipments, reload }: { order: OneOrder; shipments: Shipment[]; reload: () => void }) {
  const caller = useCaller();
  const [asked, setAsked] = useState<Question | null>(null);
  const ordered = (order.items ?? []).reduce((sum, line) => sum + line.quantity, 0);
  const packed = shipments
    .filter((each) => each.status !== "cancelled")
    .flatMap((each) => each.items ?? [])
    .reduce((sum, item) => sum + item.quantity, 0);
  const open = ["processing", "partially_shipped"].includes(order.status) && packed < ordered && may(caller, "shipments:create");
  const make: Question = {
    title: `Make a shipment: ${order.order_number}`,
    verb: "Make shipment",
    consequences: <p>Makes a label for everything that no other shipment holds. Nothing leaves yet.</p>,
    fields: [{ name: "carrier", label: "Carrier", value: "sandbox", required: true }, { name: "service", label: "Service" }],
    body: ({ carrier, service }) => ({ order_id: order.id, carrier, ...(service ? { service } : {}) }),
    path: "/shipments",
    done: `${order.order_number}: shipment made`,
  };
  return (
    <Card title="Shipments" tools={open ? <Button onClick={() => setAsked(make)}>Make shipment</Button> : undefined}>
      {shipments.length === 0 ? (
        <Empty title="Nothing packed yet" />
      ) : (
        <ul class="cases">
          {shipments.map((shipment) => (
            <li key={shipment.id}>
              <div class="grow">
                <Link to={`/shipments/${shipment.id}`} class="strong">{shipment.tracking_number ?? "Without a number"}</Link> <Status of={shipment.status} />
                <p class="quiet-text">{shipment.carrier} · {shipment.items?.map((item) => `${item.quantity} × ${item.sku}`).join(", ")}</p>
              </div>
              <Moves resource="/shipments" id={shipment.id} status={shipment.status} label={shipment.tracking_number ?? "Shipment"} after={reload} compact />
            </li>
          ))}
        </ul>
      )}
      {asked && <Asking question={asked} close={() => setAsked(null)} after={reload} />}
    </Card>
  );
}

function Money({ order, payments, reload }: { order: OneOrder; payments: Payment[]; reload: () => void }) {
  return (
    <Card title="Payments">
      {payments.length === 0 ? (
        <Empty title="Not paid yet">{order.payment_terms === "on_account" ? "It is sold on account." : undefined}</Empty>
      ) : (
        <ul class="cases">
          {payments.map((each) => (
            <li key={each.id}>
              <div class="grow">
                <span class="strong number">{money(each.amount, each.currency)}</span> <Status of={each.status} />
                <p class="quiet-text">
                  {each.gateway}
                  {each.failure_code && ` · ${each.failure_code}`}
                  {!isZero(each.refunded) && ` · ${money(each.refunded, each.currency)} refunded`} · <When time={each.created_at} />
                </p>
              </div>
              <Moves resource="/payments" id={each.id} status={each.status} label={money(each.amount, each.currency)} after={reload} compact />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Where({ address }: { address: Address | null }) {
  if (!address) return <>–</>;
  const lines = [address.name, address.company, address.line1, address.line2, [address.postal_code, address.city].filter(Boolean).join(" "), address.region, address.country];
  return <span class="prewrap">{lines.filter(Boolean).join("\n")}</span>;
}
