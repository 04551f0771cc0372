import { useEffect, useState } from "preact/hooks";

import { get } from "../api/client";
import { may, useCaller } from "../api/me";
import type { Activity, Attention, Balance, Item, Location, Order } from "../api/types";
import type { Page } from "../api/client";
import { figure, hour, money, span } from "../format";
import { useLive, useResource } from "../resource";
import { Link } from "../router";
import { Bars, Levels, Trace } from "../ui/chart";
import { Card, Empty, Heading, Live, Shown, Status, When } from "../ui/parts";

const sampleMs = 5_000;
const mostSamples = 60;

export function Overview() {
  const caller = useCaller();
  const operates = may(caller, "ops:read");
  const activity = useResource<Activity>(operates ? "activity" : null, (signal) => get("/ops/activity", signal));
  const attention = useResource<Attention>(operates ? "attention" : null, (signal) => get("/ops/attention?limit=5", signal));
  const orders = useResource<Page<Order>>("latest", (signal) => get("/orders?limit=8&expand=customer", signal));
  useLive(["order.*"], () => {
    orders.reload();
    activity.reload();
  });
  const lag = useSamples(activity.data, activity.reload);
  const placed = activity.data?.by_hour.reduce((sum, each) => sum + each.orders_placed, 0);
  const thisHour = activity.data?.by_hour.at(-1)?.orders_placed;
  return (
    <>
      <Heading title="Overview" after={<Live />} />
      {operates && (
        <div class="tiles">
          <Tile name="Needs attention" value={attention.data ? figure(attention.data.found) : "–"} tone={attention.data?.found ? "warn" : "good"} to="/attention" />
          <Tile name="Orders in 24 h" value={placed === undefined ? "–" : figure(placed)} to="/orders" />
          <Tile name="This hour" value={thisHour === undefined ? "–" : figure(thisHour)} to="/orders" />
          <Tile name="Outbox lag" value={activity.data ? span(activity.data.outbox.lag_s) : "–"} tone={(activity.data?.outbox.lag_s ?? 0) > 60 ? "warn" : "good"} to="/webhooks" />
        </div>
      )}
      <div class="columns">
        {operates && (
          <Card title="Orders per hour">
            <Shown of={activity}>
              {(data) => (
                <Bars
                  title="Orders placed in each of the last 24 hours"
                  unit="orders"
                  partName="cancelled"
                  bars={data.by_hour.map((each) => ({ label: hour(each.starts_at), value: each.orders_placed, part: each.orders_cancelled }))}
                />
              )}
            </Shown>
          </Card>
        )}
        {operates && (
          <Card title="Outbox lag" tools={<span class="quiet-text">last 5 minutes</span>}>
            <Shown of={activity}>
              {(data) => (
                <>
                  <p class="figure">
                    {span(data.outbox.lag_s)} <span class="quiet-text">{figure(data.outbox.events_behind)} events behind</span>
                  </p>
                  <Trace title={`Outbox lag in seconds, now ${data.outbox.lag_s}`} values={lag} />
                </>
              )}
            </Shown>
          </Card>
        )}
        <StockOuts />
        {operates && (
          <Card title="Needs attention" tools={<Link to="/attention">All</Link>}>
            <Shown of={attention}>
              {(data) =>
                data.found === 0 ? (
                  <Empty title="Nothing is stuck">What gets stuck shows up here by itself.</Empty>
                ) : (
                  <ul class="rows">
                    {data.kinds.filter((kind) => kind.found > 0).map((kind) => (
                      <li key={kind.kind}>
                        <Link to={`/attention?kind=${kind.kind}`}>{kind.title}</Link>
                        <span class="count warn">{kind.found}{kind.more && "+"}</span>
                      </li>
                    ))}
                  </ul>
                )
              }
            </Shown>
          </Card>
        )}
        <Card title="Latest orders" tools={<Link to="/orders">All</Link>} class="wide">
          <Shown of={orders}>
            {(page) =>
              page.data.length === 0 ? (
                <Empty title="No orders yet" />
              ) : (
                <ul class="rows">
                  {page.data.map((order) => (
                    <li key={order.id}>
                      <Link to={`/orders/${order.id}`} class="strong">{order.order_number}</Link>
                      <Status of={order.status} />
                      <span class="grow quiet-text">{order.customer?.email}</span>
                      <span class="number">{money(order.total, order.currency)}</span>
                      <span class="quiet-text when"><When time={order.created_at} /></span>
                    </li>
                  ))}
                </ul>
              )
            }
          </Shown>
        </Card>
      </div>
    </>
  );
}

function Tile({ name, value, to, tone = "" }: { name: string; value: string; to: string; tone?: string }) {
  return (
    <Link to={to} class={`tile ${tone}`}>
      <span class="tile-name">{name}</span>
      <span class="tile-value">{value}</span>
    </Link>
  );
}

// The server tells what the lag is now; how it went is remembered here, as long as the page is open.
function useSamples(data: Activity | null, reload: () => void): number[] {
  const [samples, setSamples] = useState<number[]>([]);
  useEffect(() => {
    if (data) setSamples((was) => [...was.slice(1 - mostSamples), data.outbox.lag_s]);
  }, [data]);
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && reload(), sampleMs);
    return () => clearInterval(timer);
  }, [reload]);
  return samples;
}

interface Shortage {
  name: string;
  value: number;
  mark: number;
  text: string;
}

async function shortages(signal: AbortSignal): Promise<Shortage[]> {
  const [low, locations] = await Promise.all([
    get<Page<Balance>>("/inventory/low-stock?limit=20", signal),
    get<Page<Location>>("/locations?limit=100", signal).catch(() => ({ data: [] as Location[], next_cursor: null })),
  ]);
  const ids = [...new Set(low.data.map((balance) => balance.item_id))];
  const items = new Map(await Promise.all(ids.map(async (id) => [id, await get<Item>(`/inventory/items/${id}`, signal)] as const)));
  const codes = new Map(locations.data.map((location) => [location.id, location.code]));
  return low.data
    .map((balance) => ({
      name: `${items.get(balance.item_id)?.item_number ?? balance.item_id} · ${codes.get(balance.location_id) ?? balance.location_id}`,
      value: Number(balance.available), // for the length of a bar only
      mark: Number(balance.reorder_point),
      text: balance.available === "0" ? "out" : `${figure(balance.available)} of ${figure(balance.reorder_point!)}`,
    }))
    .sort((a, b) => a.value - b.value);
}

function StockOuts() {
  const found = useResource("shortages", shortages);
  useLive(["inventory.*"], found.reload);
  return (
    <Card title="Stock running out" tools={<Link to="/inventory?low=1">All</Link>}>
      <Shown of={found}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="Nothing is short">Items at or below their reorder point stand here.</Empty>
          ) : (
            <Levels title="Available against the reorder point" rows={rows.slice(0, 8)} />
          )
        }
      </Shown>
    </Card>
  );
}
