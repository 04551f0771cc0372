// The parts of the API's nouns that the console shows; openapi.json says all of them.

export interface Address {
  name: string | null;
  company: string | null;
  line1: string | null;
  line2: string | null;
  city: string | null;
  region: string | null;
  postal_code: string | null;
  country: string | null;
}
export interface Customer {
  id: string;
  email: string | null;
  first_name: string | null;
  last_name: string | null;
}
export interface Line {
  id: string;
  sku: string;
  name: string;
  quantity: number;
  unit_price: string;
  total: string;
  reserved: number;
  shipped: number;
  returned: number;
  backordered: number;
}
export interface Order {
  id: string;
  version: number;
  order_number: string;
  customer_id: string;
  customer?: Customer;
  status: string;
  payment_status: string;
  fulfillment_status: string;
  currency: string;
  subtotal: string;
  discount_total: string;
  tax_total: string;
  shipping_total: string;
  total: string;
  payment_terms: string;
  shipping_address: Address | null;
  notes: string | null;
  hold_reason: string | null;
  cancel_reason: string | null;
  tags: string[];
  items?: Line[];
  created_at: string;
  updated_at: string;
}
export interface Payment {
  id: string;
  order_id: string;
  currency: string;
  amount: string;
  status: string;
  gateway: string;
  captured: string;
  refunded: string;
  failure_code: string | null;
  created_at: string;
}
export interface Step {
  status: string;
  at: string;
  note: string | null;
}
export interface Shipment {
  id: string;
  order_id: string;
  status: string;
  carrier: string;
  service: string | null;
  tracking_number: string | null;
  items?: { id: string; sku: string; quantity: number }[];
  history: Step[];
  created_at: string;
  updated_at: string;
}
export interface Return {
  id: string;
  rma_number: string;
  order_id: string;
  status: string;
  currency: string;
  refund_amount: string;
  refund_status: string;
  items?: {
    id: string;
    sku: string;
    quantity: number;
    received: number | null;
    reason: string | null;
    condition: string | null;
    disposition: string | null;
  }[];
  history: Step[];
  created_at: string;
  updated_at: string;
}
export interface Claim {
  id: string;
  claim_number: string;
  warranty_id: string;
  description: string;
  quantity: number;
  status: string;
  decision_reason: string | null;
  resolution: string | null;
  order_id: string | null;
  work_order_id: string | null;
  created_at: string;
  updated_at: string;
}
export interface WorkOrder {
  id: string;
  work_order_number: string;
  kind: string;
  sku: string;
  quantity: string;
  produced: string;
  scrapped: string;
  status: string;
  priority: number;
  assignee: string | null;
  due_on: string | null;
  hold_reason: string | null;
  items?: { id: string; sku: string; required: string; reserved: string; consumed: string }[];
  created_at: string;
  updated_at: string;
}
export interface Item {
  id: number;
  item_number: string;
  description: string | null;
  uom: string;
  tracking: string;
  backordered: string;
}
export interface Balance {
  id: string;
  item_id: number;
  location_id: number;
  on_hand: string;
  allocated: string;
  quarantined: string;
  available: string;
  reorder_point: string | null;
}
export interface Location {
  id: number;
  code: string;
  name: string;
}
export interface Movement {
  id: string;
  location_id: number;
  kind: string;
  delta: string;
  on_hand: string;
  reason: string | null;
  reference: string | null;
  actor: string;
  created_at: string;
}
export interface Explanation {
  item_id: number;
  item_number: string;
  on_hand: string;
  allocated: string;
  quarantined: string;
  available: string;
  locations: {
    location_id: number;
    code: string;
    on_hand: string;
    allocated: string;
    quarantined: string;
    available: string;
    reorder_point: string | null;
  }[];
  reservations: Held[];
  more_reservations: boolean;
  movements: Movement[];
}
export interface Held {
  id: string;
  location_id: number;
  held: string;
  expires_at: string | null;
  order_id: string | null;
  order_number: string | null;
  work_order_id: string | null;
  reference: string | null;
}
export interface Endpoint {
  id: string;
  url: string;
  events: string[];
  status: string;
  disabled_reason: string | null;
  failing_since: string | null;
}
export interface Delivery {
  id: string;
  endpoint_id: string;
  event_id: string;
  event_type: string;
  status: string;
  attempts: {
    attempted_at: string;
    status_code: number | null;
    duration_ms: number;
    error: string | null;
  }[];
  next_attempt_at: string | null;
  created_at: string;
  updated_at: string;
}
export interface ApiKey {
  id: string;
  name: string;
  prefix: string;
  scopes: string[];
  status: string;
  expires_at: string | null;
  last_used_at: string | null;
  created_at: string;
}
export interface Me {
  id: string;
  email: string | null;
  name: string | null;
  permissions: string[];
}
export interface Move {
  operation: string;
  http_method: string;
  path: string;
  summary: string;
  legal_from: string[];
}
export interface Case {
  id: string;
  label: string;
  since: string;
  reason: string;
  safe_action: { advice: string; http_method: string; path: string; permission: string };
  links: { self: string; order: string | null; console: string };
}
export interface Attention {
  as_of: string;
  found: number;
  kinds: { kind: string; title: string; found: number; more: boolean; cases: Case[] }[];
}
export interface Activity {
  as_of: string;
  by_hour: { starts_at: string; orders_placed: number; orders_cancelled: number }[];
  outbox: { events_behind: number; lag_s: number };
}
