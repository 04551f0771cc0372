// The four boards: what a card shows, and what stands beside it when it is opened.

import type { Claim, Return, Shipment, Step, WorkOrder } from "../api/types";
import { day, figure, isZero, money } from "../format";
import { Link } from "../router";
import type { Field } from "../ui/ask";
import { Moves } from "../ui/moves";
import { Fact, Status, When } from "../ui/parts";
import type { Noun } from "./board";

function History({ steps }: { steps: Step[] }) {
  return (
    <>
      <h3>History</h3>
      <ol class="timeline">
        {[...steps].reverse().map((step, place) => (
          <li key={place}>
            <div>
              <span class="what"><Status of={step.status} /></span>
              {step.note && <span class="quiet-text block">{step.note}</span>}
              <span class="quiet-text block"><When time={step.at} /></span>
            </div>
          </li>
        ))}
      </ol>
    </>
  );
}

function contents(items: { sku: string; quantity: number }[] | undefined): string {
  return items?.map((item) => `${item.quantity} × ${item.sku}`).join(", ") ?? "";
}

export const shipments: Noun<Shipment> = {
  name: "Shipments",
  at: "/shipments",
  api: "/shipments",
  parameters: { expand: "items" },
  columns: ["pending", "label_created", "shipped", "in_transit", "out_for_delivery", "exception"],
  finished: ["delivered"],
  events: ["shipment.*"],
  title: (one) => one.tracking_number ?? "Without a number",
  card: (one) => <span class="quiet-text">{one.carrier} · {contents(one.items)}</span>,
  detail: (one, reload) => (
    <>
      <Moves resource="/shipments" id={one.id} status={one.status} label={one.tracking_number ?? "Shipment"} after={reload} />
      <dl class="facts">
        <Fact name="Status"><Status of={one.status} /></Fact>
        <Fact name="Carrier">{one.carrier}{one.service && `, ${one.service}`}</Fact>
        <Fact name="Order"><Link to={`/orders/${one.order_id}`}>Open the order</Link></Fact>
        <Fact name="Holds">{contents(one.items)}</Fact>
      </dl>
      <History steps={one.history} />
    </>
  ),
};

// What becomes of each piece is asked for by piece.
function dispositions(one: Return): { fields: Field[]; body: (values: Record<string, string>) => unknown } {
  const items = one.items ?? [];
  return {
    fields: items.map((item, place) => ({
      name: item.id,
      label: `${item.quantity} × ${item.sku}`,
      kind: "choice",
      options: [
        { value: "restock", label: "Back on the shelf" },
        { value: "quarantine", label: "Set apart" },
        { value: "scrap", label: "Throw away" },
      ],
      pointer: `/items/${place}`,
    })),
    body: (values) => ({ items: items.map((item) => ({ return_item_id: item.id, disposition: values[item.id] })) }),
  };
}

export const returns: Noun<Return> = {
  name: "Returns",
  at: "/returns",
  api: "/returns",
  parameters: { expand: "items" },
  columns: ["requested", "approved", "received", "inspected"],
  finished: ["completed", "rejected"],
  events: ["return.*"],
  title: (one) => one.rma_number,
  card: (one) => <span class="quiet-text">{contents(one.items)}</span>,
  detail: (one, reload) => (
    <>
      <Moves
        resource="/returns" id={one.id} status={one.status} label={one.rma_number} after={reload}
        own={{ inspect: { verb: "Inspect", tone: "main", consequences: "Say what becomes of the goods. They move when the return is completed.", done: "inspected", ...dispositions(one) } }}
      />
      <dl class="facts">
        <Fact name="Status"><Status of={one.status} /></Fact>
        <Fact name="Order"><Link to={`/orders/${one.order_id}`}>Open the order</Link></Fact>
        {!isZero(one.refund_amount) && <Fact name="Refund">{money(one.refund_amount, one.currency)} <Status of={one.refund_status} /></Fact>}
      </dl>
      <h3>Goods</h3>
      <ul class="rows">
        {one.items?.map((item) => (
          <li key={item.id}>
            <div class="grow">
              <span class="strong">{item.quantity} × {item.sku}</span>
              {item.reason && <p class="quiet-text">“{item.reason}”</p>}
            </div>
            {item.disposition && <Status of={item.disposition} />}
          </li>
        ))}
      </ul>
      <History steps={one.history} />
    </>
  ),
};

export const claims: Noun<Claim> = {
  name: "Claims",
  at: "/claims",
  api: "/warranties/claims",
  columns: ["submitted", "under_review", "approved"],
  finished: ["resolved", "rejected", "withdrawn"],
  events: ["claim.*"],
  title: (one) => one.claim_number,
  card: (one) => <span class="quiet-text clamp">{one.description}</span>,
  detail: (one, reload) => (
    <>
      <Moves resource="/warranties/claims" id={one.id} status={one.status} label={one.claim_number} after={reload} />
      <dl class="facts">
        <Fact name="Status"><Status of={one.status} /></Fact>
        <Fact name="Says"><span class="prewrap">{one.description}</span></Fact>
        <Fact name="Pieces">{one.quantity}</Fact>
        <Fact name="Submitted"><When time={one.created_at} /></Fact>
        {one.resolution && <Fact name="Resolved by">{one.resolution}</Fact>}
        {one.decision_reason && <Fact name="Because">{one.decision_reason}</Fact>}
        {one.order_id && <Fact name="Replacement"><Link to={`/orders/${one.order_id}`}>Open the order</Link></Fact>}
        {one.work_order_id && <Fact name="Repair"><Link to={`/work-orders/${one.work_order_id}`}>Open the work order</Link></Fact>}
      </dl>
    </>
  ),
};

export const workOrders: Noun<WorkOrder> = {
  name: "Work orders",
  at: "/work-orders",
  api: "/work-orders",
  columns: ["planned", "released", "in_progress", "on_hold"],
  finished: ["completed", "cancelled"],
  events: ["work_order.*"],
  title: (one) => one.work_order_number,
  card: (one) => (
    <span class="quiet-text">
      {one.kind === "repair" ? "Repair of " : `${figure(one.produced)} of ${figure(one.quantity)} × `}{one.sku}
      {one.due_on && ` · due ${day(one.due_on)}`}
    </span>
  ),
  detail: (one, reload) => (
    <>
      <Moves resource="/work-orders" id={one.id} status={one.status} label={one.work_order_number} after={reload} />
      <dl class="facts">
        <Fact name="Status"><Status of={one.status} /></Fact>
        <Fact name="Makes">{figure(one.quantity)} × <Link to={`/inventory/${encodeURIComponent(one.sku)}`}>{one.sku}</Link></Fact>
        <Fact name="Made">{figure(one.produced)}{!isZero(one.scrapped) && `, ${figure(one.scrapped)} spoilt`}</Fact>
        <Fact name="Assignee">{one.assignee ?? "Nobody yet"}</Fact>
        {one.due_on && <Fact name="Due">{day(one.due_on)}</Fact>}
        {one.hold_reason && <Fact name="On hold">{one.hold_reason}</Fact>}
      </dl>
      <h3>Components</h3>
      <table class="lines">
        <thead>
          <tr><th scope="col">Item</th><th scope="col" class="number">Needs</th><th scope="col" class="number">Reserved</th><th scope="col" class="number">Consumed</th></tr>
        </thead>
        <tbody>
          {one.items?.map((item) => (
            <tr key={item.id}>
              <td><Link to={`/inventory/${encodeURIComponent(item.sku)}`}>{item.sku}</Link></td>
              <td class="number">{figure(item.required)}</td>
              <td class="number">{figure(item.reserved)}</td>
              <td class="number">{figure(item.consumed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  ),
};
