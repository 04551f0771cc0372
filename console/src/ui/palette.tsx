// Type where to go: a page, an order by number, SKU or customer, an item.

import { useEffect, useState } from "preact/hooks";

import { get, type Page } from "../api/client";
import { signOut } from "../api/session";
import type { Item, Order } from "../api/types";
import type { Destination } from "../app";
import { words } from "../format";
import { nameOf } from "../pages/orders";
import { go } from "../router";
import { Dialog } from "./dialog";
import { theme } from "./theme";

interface Entry {
  name: string;
  about: string;
  act: () => void;
}

const typingMs = 180;

async function found(text: string, signal: AbortSignal): Promise<Entry[]> {
  const q = encodeURIComponent(text);
  const none = () => ({ data: [], next_cursor: null });
  const [orders, items] = await Promise.all([
    get<Page<Order>>(`/orders?q=${q}&limit=6&expand=customer`, signal).catch(none),
    get<Page<Item>>(`/inventory/items?q=${q}&limit=5`, signal).catch(none),
  ]);
  const all = [
    ...orders.data.map((order: Order) => ({
      name: order.order_number,
      about: [nameOf(order), words(order.status)].filter(Boolean).join(" · "),
      act: () => go(`/orders/${order.id}`),
    })),
    ...items.data.map((item: Item) => ({
      name: item.item_number,
      about: item.description ?? "Item",
      act: () => go(`/inventory/${encodeURIComponent(item.item_number)}`),
    })),
  ];
  // What is called exactly so comes first.
  const called = (entry: Entry) => Number(entry.name.toLowerCase() === text.toLowerCase());
  return all.sort((a, b) => called(b) - called(a));
}

export function Palette({ destinations, close }: { destinations: Destination[]; close: () => void }) {
  const [text, setText] = useState("");
  const [things, setThings] = useState<Entry[]>([]);
  const [at, setAt] = useState(0);
  useEffect(() => {
    setAt(0);
    if (text.trim().length < 2) return setThings([]);
    const asked = new AbortController();
    const timer = setTimeout(() => {
      found(text.trim(), asked.signal).then(setThings, () => undefined);
    }, typingMs);
    return () => {
      clearTimeout(timer);
      asked.abort();
    };
  }, [text]);
  const fixed: Entry[] = [
    ...destinations.map((each) => ({ name: each.name, about: `g ${each.key}`, act: () => go(each.to) })),
    { name: "Light or dark", about: "Appearance", act: () => theme.toggle() },
    { name: "Sign out", about: "Session", act: () => void signOut() },
  ];
  const wanted = text.trim().toLowerCase();
  const entries = [...fixed.filter((each) => each.name.toLowerCase().includes(wanted)), ...things];
  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    close();
    entry.act();
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setAt((was) => Math.min(entries.length - 1, Math.max(0, was + step)));
    }
    if (event.key === "Enter") {
      event.preventDefault();
      run(entries[at]);
    }
  };
  return (
    <Dialog title="Find or go to" close={close} class="palette">
      <input
        class="palette-input" type="text" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-label="Find or go to"
        aria-activedescendant={entries[at] ? `palette-${at}` : undefined} autocomplete="off" autofocus
        placeholder="Order number, customer, SKU, page" value={text} onInput={(event) => setText(event.currentTarget.value)} onKeyDown={press}
      />
      <ul id="palette-list" role="listbox" aria-label="Results">
        {entries.map((entry, place) => (
          <li key={entry.name + entry.about} id={`palette-${place}`} role="option" aria-selected={place === at} onClick={() => run(entry)} onMouseMove={() => setAt(place)}>
            <span class="strong">{entry.name}</span>
            <span class="quiet-text">{entry.about}</span>
          </li>
        ))}
      </ul>
      {entries.length === 0 && <p class="board-empty">Nothing found</p>}
    </Dialog>
  );
}
