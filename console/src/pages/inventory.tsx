import { useEffect, useRef, useState } from "preact/hooks";

import { get, type Page, query } from "../api/client";
import { may, useCaller } from "../api/me";
import type { Balance, Explanation, Item, Location, Movement } from "../api/types";
import { figure, isZero, signed, words } from "../format";
import { useLive, useResource } from "../resource";
import { change, Link, type Place } from "../router";
import { Asking, type Question } from "../ui/ask";
import { Button, Card, Empty, Heading, Key, Live, Shown, When } from "../ui/parts";
import { Moves } from "../ui/moves";

interface Shelf {
  item: Item;
  balances: Balance[];
}

async function locations(signal: AbortSignal): Promise<Location[]> {
  return (await get<Page<Location>>("/locations?limit=100", signal)).data;
}

// Items with what lies where. Balances are asked for by item: a page of items is small.
async function shelves(parameters: Record<string, string | null>, low: boolean, location: string | null, signal: AbortSignal): Promise<{ rows: Shelf[]; cursor: string | null }> {
  if (low) {
    const page = await get<Page<Balance>>(`/inventory/low-stock${query({ location_id: location, limit: 50, cursor: parameters.cursor })}`, signal);
    const ids = [...new Set(page.data.map((balance) => balance.item_id))];
    const items = await Promise.all(ids.map((id) => get<Item>(`/inventory/items/${id}`, signal)));
    return {
      rows: items.map((item) => ({ item, balances: page.data.filter((balance) => balance.item_id === item.id) })),
      cursor: page.next_cursor,
    };
  }
  const page = await get<Page<Item>>(`/inventory/items${query({ ...parameters, limit: 25 })}`, signal);
  const rows = await Promise.all(
    page.data.map(async (item) => ({
      item,
      balances: (await get<Page<Balance>>(`/inventory/balances${query({ item_id: item.id, location_id: location, limit: 100 })}`, signal)).data,
    })),
  );
  return { rows: location ? rows.filter((row) => row.balances.length > 0) : rows, cursor: page.next_cursor };
}

export function Inventory({ place }: { place: Place }) {
  const at = (name: string) => place.parameters.get(name);
  const low = at("low") === "1";
  const places = useResource("locations", locations);
  const key = `shelves ${at("q")} ${at("location")} ${low} ${at("cursor")}`;
  const found = useResource(key, (signal) => shelves({ q: at("q"), cursor: at("cursor") }, low, at("location"), signal));
  useLive(["inventory.*", "shipment.shipped", "product.created"], found.reload);
  const code = (id: number) => places.data?.find((each) => each.id === id)?.code ?? String(id);
  return (
    <>
      <Heading title="Inventory" after={<Live />} />
      <div class="filters" role="search">
        <Search value={at("q") ?? ""} disabled={low} />
        <span class="choice"><select aria-label="Location" value={at("location") ?? ""} class={at("location") ? "set" : ""} onChange={(event) => change({ location: event.currentTarget.value || null, cursor: null })}>
            <option value="">Location: any</option>
            {places.data?.map((each) => <option key={each.id} value={String(each.id)}>{each.code} · {each.name}</option>)}
          </select></span>
        <button type="button" class={`button plain ${low ? "pressed" : ""}`} aria-pressed={low} onClick={() => change({ low: low ? null : "1", q: null, cursor: null })}>
          Running out
        </button>
      </div>
      <Shown of={found}>
        {({ rows, cursor }) => (
          <>
            {rows.length === 0 ? (
              <Empty title={low ? "Nothing is short" : "No items here"}>
                {low ? "No watched item is at or below its reorder point." : "Items come with products, or with the first goods received."}
              </Empty>
            ) : (
              <table class="list" data-list>
                <thead>
                  <tr>
                    <th scope="col">Item</th>
                    <th scope="col">Description</th>
                    <th scope="col">Location</th>
                    <th scope="col" class="number">On hand</th>
                    <th scope="col" class="number">Promised</th>
                    <th scope="col" class="number">Available</th>
                  </tr>
                </thead>
                <tbody>{rows.map((row) => <ItemRows key={row.item.id} row={row} code={code} />)}</tbody>
              </table>
            )}
            <div class="more">
              {at("cursor") && <Button onClick={() => change({ cursor: null })}>First page</Button>}
              {cursor && <Button onClick={() => change({ cursor })}>Next page</Button>}
            </div>
          </>
        )}
      </Shown>
    </>
  );
}

function ItemRows({ row, code }: { row: Shelf; code: (id: number) => string }) {
  const { item } = row;
  const shown: (Balance | null)[] = row.balances.length ? row.balances : [null];
  return (
    <>
      {shown.map((balance, place) => (
        <tr key={balance?.id ?? "none"} class={place > 0 ? "again" : ""}>
          <td>{place === 0 && <Link to={`/inventory/${encodeURIComponent(item.item_number)}`} class="row-link strong">{item.item_number}</Link>}</td>
          <td class="clip">{place === 0 && item.description}</td>
          <td data-name="Location">{balance ? code(balance.location_id) : "–"}</td>
          <td class="number" data-name="On hand">{balance ? figure(balance.on_hand) : "0"}</td>
          <td class="number" data-name="Promised">{balance ? figure(balance.allocated) : "0"}</td>
          <td class={`number strong ${balance && isZero(balance.available) ? "out" : ""}`} data-name="Available">{balance ? figure(balance.available) : "0"}</td>
        </tr>
      ))}
    </>
  );
}

const typingMs = 250;

function Search({ value, disabled }: { value: string; disabled: boolean }) {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => setText(value), [value]);
  return (
    <label class="search">
      <span class="visually-hidden">Search items</span>
      <input
        type="search"
        data-search
        disabled={disabled}
        placeholder="Item number or description"
        value={text}
        onInput={(event) => {
          const typed = event.currentTarget.value;
          setText(typed);
          clearTimeout(timer.current);
          timer.current = setTimeout(() => change({ q: typed.trim() || null, cursor: null }, true), typingMs);
        }}
      />
      <Key>/</Key>
    </label>
  );
}

export function ItemPage({ number, place }: { number: string; place: Place }) {
  const id = encodeURIComponent(number);
  const item = useResource(`item ${number}`, (signal) => get<Item>(`/inventory/items/${id}`, signal));
  const why = useResource(`why ${number}`, (signal) => get<Explanation>(`/inventory/items/${id}/explain`, signal));
  useLive(["inventory.*", "shipment.shipped", "work_order.completed"], why.reload);
  return (
    <>
      <nav aria-label="Breadcrumb" class="crumbs"><Link to="/inventory">Inventory</Link></nav>
      <Shown of={item}>
        {(known) => (
          <>
            <Heading title={known.item_number} after={<Live />}>
              <Changes item={known} reload={why.reload} />
            </Heading>
            <p class="lead">{known.description}</p>
            <div class="split">
              <Shown of={why}>{(data) => <Why why={data} reload={why.reload} />}</Shown>
              <Ledger key={known.id} item={known} place={place} fresh={why.data?.movements[0]?.id ?? ""} codes={why.data?.locations ?? []} />
            </div>
          </>
        )}
      </Shown>
    </>
  );
}

function Changes({ item, reload }: { item: Item; reload: () => void }) {
  const caller = useCaller();
  const [asked, setAsked] = useState<Question | null>(null);
  const places = useResource("locations", locations);
  const where = {
    name: "location_id", label: "Location", kind: "choice" as const,
    options: places.data?.map((each) => ({ value: String(each.id), label: `${each.code} · ${each.name}` })) ?? [],
  };
  const path = `/inventory/items/${item.id}`;
  const numbered = (values: Record<string, string>) =>
    Object.fromEntries(Object.entries(values).filter(([, value]) => value).map(([name, value]) => [name, name === "location_id" ? Number(value) : value]));
  const receive: Question = {
    title: `Receive ${item.item_number}`, verb: "Receive",
    consequences: <p>Puts goods on the shelf. Orders that wait for this item get theirs first.</p>,
    fields: [{ name: "quantity", label: "Quantity", required: true }, where, { name: "reason", label: "Reason" }],
    body: numbered, path: `${path}/receive`, done: `${item.item_number}: received`,
  };
  const adjust: Question = {
    title: `Correct ${item.item_number}`, verb: "Correct",
    consequences: <p>Says what is really on the shelf. The ledger keeps the difference and the reason. Less than what is promised is refused.</p>,
    fields: [{ name: "on_hand", label: "On the shelf", required: true }, where, { name: "reason", label: "Reason", required: true }],
    body: numbered, path: `${path}/adjust`, done: `${item.item_number}: corrected`,
  };
  return (
    <>
      {may(caller, "inventory:receive") && <Button disabled={!places.data} onClick={() => setAsked(receive)}>Receive</Button>}
      {may(caller, "inventory:adjust") && <Button disabled={!places.data} onClick={() => setAsked(adjust)}>Correct</Button>}
      {asked && <Asking question={asked} close={() => setAsked(null)} after={reload} />}
    </>
  );
}

// Why is it 47? What lies there, less what is promised and to whom, less what is set apart.
function Why({ why, reload }: { why: Explanation; reload: () => void }) {
  const code = (id: number) => why.locations.find((each) => each.location_id === id)?.code ?? String(id);
  return (
    <div class="stack">
      <Card title={`Why is it ${figure(why.available)}?`} class="why">
        <dl class="sum" aria-label="How what is available comes about">
          <div><dt>On the shelf</dt><dd>{figure(why.on_hand)}</dd></div>
          <div><dt>Promised</dt><dd>{isZero(why.allocated) ? "0" : `−${figure(why.allocated)}`}</dd></div>
          <div><dt>Set apart</dt><dd>{isZero(why.quarantined) ? "0" : `−${figure(why.quarantined)}`}</dd></div>
          <div class="total"><dt>Available</dt><dd>{figure(why.available)}</dd></div>
        </dl>
        {why.locations.length > 1 && (
          <table class="lines">
            <thead><tr><th scope="col">Location</th><th scope="col" class="number">Shelf</th><th scope="col" class="number">Promised</th><th scope="col" class="number">Apart</th><th scope="col" class="number">Available</th></tr></thead>
            <tbody>
              {why.locations.map((each) => (
                <tr key={each.location_id}>
                  <th scope="row">{each.code}</th>
                  <td class="number">{figure(each.on_hand)}</td>
                  <td class="number">{figure(each.allocated)}</td>
                  <td class="number">{figure(each.quarantined)}</td>
                  <td class="number strong">{figure(each.available)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Card>
      <Card title={<>Promised to <span class="count">{why.reservations.length}{why.more_reservations && "+"}</span></>}>
        {why.reservations.length === 0 ? (
          <Empty title="Nobody" />
        ) : (
          <ul class="cases">
            {why.reservations.map((held) => (
              <li key={held.id}>
                <div class="grow">
                  <span class="strong number">{figure(held.held)}</span>{" "}
                  {held.order_id ? (
                    <Link to={`/orders/${held.order_id}`}>{held.order_number ?? "an order"}</Link>
                  ) : held.work_order_id ? (
                    <Link to={`/work-orders/${held.work_order_id}`}>a work order</Link>
                  ) : (
                    held.reference ?? "by hand"
                  )}
                  <p class="quiet-text">{code(held.location_id)}{held.expires_at && <> · ends <When time={held.expires_at} /></>}</p>
                </div>
                <Moves resource="/inventory/reservations" id={held.id} status="active" label={`${figure(held.held)} of ${why.item_number}`} after={reload} compact />
              </li>
            ))}
          </ul>
        )}
      </Card>
    </div>
  );
}

function Ledger({ item, place, fresh, codes }: { item: Item; place: Place; fresh: string; codes: { location_id: number; code: string }[] }) {
  const cursor = place.parameters.get("ledger");
  const page = useResource(`ledger ${item.id} ${cursor} ${fresh}`, (signal) =>
    get<Page<Movement>>(`/inventory/items/${item.id}/movements${query({ limit: 25, cursor })}`, signal),
  );
  const code = (id: number) => codes.find((each) => each.location_id === id)?.code ?? String(id);
  return (
    <Card title="Ledger">
      <Shown of={page}>
        {(data) => (
          <>
            <table class="lines">
              <thead>
                <tr><th scope="col">What</th><th scope="col">Where</th><th scope="col" class="number">Change</th><th scope="col" class="number">Then</th><th scope="col" class="number">When</th></tr>
              </thead>
              <tbody>
                {data.data.map((movement) => (
                  <tr key={movement.id}>
                    <td>{words(movement.kind)}{movement.reason && <span class="quiet-text block">{movement.reason}</span>}</td>
                    <td>{code(movement.location_id)}</td>
                    <td class={`number strong ${movement.delta.startsWith("-") ? "fell" : "rose"}`}>{signed(movement.delta)}</td>
                    <td class="number">{figure(movement.on_hand)}</td>
                    <td class="number quiet-text"><When time={movement.created_at} /></td>
                  </tr>
                ))}
              </tbody>
            </table>
            {data.data.length === 0 && <Empty title="Nothing has moved yet" />}
            <div class="more">
              {cursor && <Button onClick={() => change({ ledger: null })}>Newest</Button>}
              {data.next_cursor && <Button onClick={() => change({ ledger: data.next_cursor })}>Older</Button>}
            </div>
          </>
        )}
      </Shown>
    </Card>
  );
}
