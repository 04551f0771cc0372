// The next legal moves of a thing, as buttons. Which there are, the server says; here stands only how
// to speak of them: the verb, what follows from it, and what else it wants to know.

import { useState } from "preact/hooks";

import { movesFrom, useCaller } from "../api/me";
import type { Move } from "../api/types";
import { words } from "../format";
import { Asking, type Field, type Question } from "./ask";
import { Button } from "./parts";

export interface Manner {
  verb?: string;
  tone?: "main" | "danger";
  consequences?: string;
  fields?: Field[];
  body?: (values: Record<string, string>) => unknown;
  done?: string;
}

const why: Field = { name: "reason", label: "Reason", kind: "long", hint: "For the record." };

const manners: Record<string, Manner> = {
  "/orders/{id}/process": {
    verb: "Reserve stock", tone: "main",
    consequences: "Sets aside the stock of every line, all or nothing. Unless the order is paid, the reservations end by themselves.",
    done: "Stock is set aside",
  },
  "/orders/{id}/ship": {
    verb: "Ship", tone: "main",
    consequences: "Sends off the shipments that lie ready and makes one of the rest. Stock leaves the shelf and the customer is told. This cannot be undone: goods come back only through a return.",
    fields: [
      { name: "carrier", label: "Carrier", hint: "The sandbox carrier unless you name another." },
      { name: "tracking_number", label: "Tracking number", hint: "Made up by the sandbox carrier." },
    ],
    done: "On its way",
  },
  "/orders/{id}/hold": {
    verb: "Hold",
    consequences: "Nothing ships while the order is on hold. Its reservations stay, and their clock stops.",
    fields: [why], done: "On hold",
  },
  "/orders/{id}/release": { verb: "Release", tone: "main", consequences: "The order goes back to where it was.", done: "Released" },
  "/orders/{id}/cancel": {
    verb: "Cancel order", tone: "danger",
    consequences: "Frees its stock, cancels what has not left, and gives the money back. This cannot be undone.",
    fields: [why], done: "Cancelled",
  },
  "/shipments/{id}/label": {
    verb: "Make label", tone: "main",
    consequences: "Gives the shipment its tracking number and label.",
    fields: [
      { name: "tracking_number", label: "Tracking number", hint: "The carrier's, where it does not make its own here." },
      { name: "service", label: "Service" },
    ],
    done: "Labelled",
  },
  "/shipments/{id}/ship": {
    verb: "Send off", tone: "main",
    consequences: "Its stock leaves the shelf and the customer is told. Goods come back only through a return.",
    done: "On its way",
  },
  "/shipments/{id}/deliver": {
    verb: "Record delivery", tone: "main",
    consequences: "Says that the parcel has arrived. Do this only when the carrier or the customer confirmed it.",
    done: "Delivered",
  },
  "/shipments/{id}/cancel": {
    verb: "Cancel shipment", tone: "danger",
    consequences: "The shipment is given up; its goods stay reserved and can go into another one.",
    fields: [why], done: "Cancelled",
  },
  "/returns/{id}/approve": { verb: "Approve", tone: "main", consequences: "The customer may send the goods back.", done: "Approved" },
  "/returns/{id}/receive": {
    verb: "Receive", tone: "main",
    consequences: "Everything of this return has arrived. Nothing goes back to the shelf yet.",
    fields: [why], done: "Received",
  },
  "/returns/{id}/complete": {
    verb: "Complete", tone: "main",
    consequences: "Goods that are to be restocked go back to the shelf, and the customer gets the money back. Both happen once.",
    done: "Completed",
  },
  "/returns/{id}/reject": {
    verb: "Reject", tone: "danger", consequences: "The customer keeps the goods and gets no money back.",
    fields: [why], done: "Rejected",
  },
  "/returns/{id}/cancel": {
    verb: "Cancel return", tone: "danger", consequences: "The goods will not come. The lines can be returned again.",
    fields: [why], done: "Cancelled",
  },
  "/warranties/claims/{id}/review": { verb: "Review", tone: "main", consequences: "Says that somebody looks at it.", done: "Under review" },
  "/warranties/claims/{id}/approve": { verb: "Approve", tone: "main", consequences: "The claim counts; next it is resolved by repair, replacement or refund.", fields: [why], done: "Approved" },
  "/warranties/claims/{id}/reject": { verb: "Reject", tone: "danger", consequences: "The claim does not count. The customer is told why.", fields: [why], done: "Rejected" },
  "/warranties/claims/{id}/withdraw": { verb: "Withdraw", tone: "danger", consequences: "The customer no longer asks for anything.", fields: [why], done: "Withdrawn" },
  "/warranties/claims/{id}/resolve": {
    verb: "Resolve", tone: "main",
    consequences: "Repair makes a work order, replace an order at no price, refund gives the money back.",
    fields: [
      {
        name: "resolution", label: "How", kind: "choice",
        options: [
          { value: "repair", label: "Repair it" },
          { value: "replace", label: "Replace it" },
          { value: "refund", label: "Refund it" },
        ],
      },
      { name: "amount", label: "Amount", hint: "Of a refund; what the goods were sold for unless given." },
      why,
    ],
    done: "Resolved",
  },
  "/work-orders/{id}/release": { verb: "Release", tone: "main", consequences: "Sets its components aside, all or nothing.", done: "Released" },
  "/work-orders/{id}/start": { verb: "Start", tone: "main", consequences: "Work begins.", done: "Started" },
  "/work-orders/{id}/complete": {
    verb: "Complete", tone: "main",
    consequences: "Consumes the components in proportion and puts what was made on the shelf, in one step.",
    fields: [
      { name: "quantity", label: "Quantity made", hint: "All that is left unless given." },
      { name: "scrapped", label: "Spoilt" },
    ],
    done: "Done",
  },
  "/work-orders/{id}/hold": { verb: "Hold", consequences: "Work rests; what is set aside stays so.", fields: [why], done: "On hold" },
  "/work-orders/{id}/resume": { verb: "Resume", tone: "main", consequences: "Work goes on where it was.", done: "Resumed" },
  "/work-orders/{id}/cancel": { verb: "Cancel work order", tone: "danger", consequences: "Gives back what was set aside and not consumed.", fields: [why], done: "Cancelled" },
  "/payments/{id}/void": { verb: "Void", tone: "danger", consequences: "Lets the authorized money go. It cannot be captured afterwards.", fields: [why], done: "Voided" },
  "/payments/{id}/refund": {
    verb: "Refund", tone: "danger", consequences: "Gives money back through the gateway.",
    fields: [{ name: "amount", label: "Amount", hint: "All that is left unless given." }, why], done: "Refunded",
  },
  "/webhooks/deliveries/{id}/retry": { verb: "Try again", tone: "main", consequences: "Sends the message once more now, with the same id, so that a receiver that had it already can tell.", done: "Will be tried again" },
  "/webhooks/endpoints/{id}/enable": { verb: "Enable", tone: "main", consequences: "Pending messages go on. What happened while it was off is not sent.", done: "Enabled" },
  "/webhooks/endpoints/{id}/disable": { verb: "Disable", tone: "danger", consequences: "Nothing is sent there until it is enabled again.", done: "Disabled" },
  "/inventory/reservations/{id}/release": {
    verb: "Release", tone: "danger",
    consequences: "The stock is free at once. An order that is being processed loses all its reservations with it and goes back to pending.",
    fields: [why], done: "Released",
  },
};

const order = { main: 0, plain: 1, danger: 2 };

function manner(move: Move): Manner {
  const path = move.path.replace("/api/v1", "");
  return manners[path] ?? { verb: words(path.split("/").pop()!.replaceAll("-", "_")), consequences: move.summary };
}

export function question(move: Move, id: string, label: string, own?: Manner): Question {
  const how = { ...manner(move), ...own };
  return {
    title: `${how.verb}: ${label}`,
    verb: how.verb!,
    danger: how.tone === "danger",
    consequences: <p>{how.consequences ?? move.summary}</p>,
    fields: how.fields,
    body: how.body,
    path: move.path.replace("/api/v1", "").replace("{id}", encodeURIComponent(id)),
    done: `${label}: ${how.done ?? "done"}`,
  };
}

// `own` gives a move, named by its last word, what it needs to know of this very thing.
export function Moves({ resource, id, status, label, after, own = {}, hide = [], compact = false }: {
  resource: string;
  id: string;
  status: string;
  label: string;
  after: (answer: unknown) => void;
  own?: Record<string, Manner>;
  hide?: string[];
  compact?: boolean;
}) {
  const caller = useCaller();
  const [asked, setAsked] = useState<Question | null>(null);
  const word = (move: Move) => move.path.split("/").pop()!;
  const moves = movesFrom(caller, resource, status)
    .filter((move) => !hide.includes(word(move)))
    .sort((a, b) => order[manner(a).tone ?? "plain"] - order[manner(b).tone ?? "plain"]);
  if (moves.length === 0) return null;
  return (
    <div class={`moves ${compact ? "compact" : ""}`} role="group" aria-label={`What can be done with ${label}`}>
      {moves.map((move) => (
        <Button
          key={move.operation}
          tone={manner(move).tone === "danger" ? "plain" : manner(move).tone}
          class={manner(move).tone === "danger" ? "risky" : ""}
          onClick={() => setAsked(question(move, id, label, own[word(move)]))}
        >
          {manner(move).verb}
        </Button>
      ))}
      {asked && <Asking question={asked} close={() => setAsked(null)} after={after} />}
    </div>
  );
}
