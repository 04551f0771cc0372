import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { get } from "./api/client";
import { type Caller, CallerContext, may } from "./api/me";
import { session, signOut } from "./api/session";
import type { Attention as Found, Me, Move } from "./api/types";
import { Attention } from "./pages/attention";
import { Board } from "./pages/board";
import { Inventory, ItemPage } from "./pages/inventory";
import { Keys } from "./pages/keys";
import { claims, returns, shipments, workOrders } from "./pages/nouns";
import { Order } from "./pages/order";
import { Orders } from "./pages/orders";
import { Overview } from "./pages/overview";
import { SignIn } from "./pages/sign_in";
import { Webhooks } from "./pages/webhooks";
import { useLive, useResource } from "./resource";
import { Link, type Place, usePlace } from "./router";
import { Dialog } from "./ui/dialog";
import { Icon, type IconName } from "./ui/icons";
import { Palette } from "./ui/palette";
import { Button, Empty, Loading, Trouble } from "./ui/parts";
import { Shortcuts, useShortcuts } from "./ui/shortcuts";
import { theme } from "./ui/theme";
import { Toasts } from "./ui/toast";

export interface Destination {
  to: string;
  name: string;
  icon: IconName;
  needs: string;
  key: string; // after "g"
}

export const destinations: Destination[] = [
  { to: "/", name: "Overview", icon: "overview", needs: "orders:read", key: "h" },
  { to: "/attention", name: "Attention", icon: "attention", needs: "ops:read", key: "a" },
  { to: "/orders", name: "Orders", icon: "orders", needs: "orders:read", key: "o" },
  { to: "/inventory", name: "Inventory", icon: "inventory", needs: "inventory:read", key: "i" },
  { to: "/shipments", name: "Shipments", icon: "shipments", needs: "shipments:read", key: "s" },
  { to: "/returns", name: "Returns", icon: "returns", needs: "returns:read", key: "r" },
  { to: "/claims", name: "Claims", icon: "claims", needs: "claims:read", key: "c" },
  { to: "/work-orders", name: "Work orders", icon: "work", needs: "manufacturing:read", key: "w" },
  { to: "/webhooks", name: "Webhooks", icon: "webhooks", needs: "webhooks:manage", key: "d" },
  { to: "/api-keys", name: "API keys", icon: "keys", needs: "identity:manage", key: "k" },
];

export function App() {
  const [credential, setCredential] = useState(session.credential);
  useEffect(() => session.onChange(() => setCredential(session.credential)), []);
  return (
    <>
      {credential ? <SignedIn /> : <SignIn />}
      <Toasts />
    </>
  );
}

async function read(signal: AbortSignal): Promise<Caller> {
  const [me, moves] = await Promise.all([get<Me>("/auth/me", signal), get<{ data: Move[] }>("/moves", signal)]);
  return { me, moves: moves.data };
}

function SignedIn() {
  const caller = useResource("caller", read);
  if (!caller.data) {
    return (
      <main class="door">
        {caller.problem ? <><Trouble problem={caller.problem} retry={caller.reload} /><Button onClick={() => void signOut()}>Sign out</Button></> : <Loading rows={3} />}
      </main>
    );
  }
  return (
    <CallerContext.Provider value={caller.data}>
      <Frame caller={caller.data} />
    </CallerContext.Provider>
  );
}

function Frame({ caller }: { caller: Caller }) {
  const place = usePlace();
  const [menu, setMenu] = useState(false);
  const [palette, setPalette] = useState(false);
  const [help, setHelp] = useState(false);
  const mine = destinations.filter((each) => may(caller, each.needs));
  useShortcuts({ destinations: mine, openPalette: () => setPalette(true), openHelp: () => setHelp(true) });
  useEffect(() => setMenu(false), [place.path]);
  const stuck = useStuck(caller);
  return (
    <div class="frame">
      <a class="skip" href="#content">Skip to the content</a>
      <header class="top">
        <button type="button" class="icon-button menu-button" aria-label="Menu" aria-expanded={menu} onClick={() => setMenu(!menu)}>
          <Icon name="menu" />
        </button>
        <Link to="/" class="brand"><span class="brand-mark" aria-hidden="true" />StateSet</Link>
        <button type="button" class="find" onClick={() => setPalette(true)}>
          <Icon name="search" /> <span>Find or go to</span> <kbd>{navigator.platform.startsWith("Mac") ? "⌘" : "Ctrl"} K</kbd>
        </button>
        <span class="grow" />
        <button type="button" class="icon-button" aria-label="Keyboard shortcuts" onClick={() => setHelp(true)}>
          <span aria-hidden="true">?</span>
        </button>
        <button type="button" class="icon-button" aria-label="Light or dark" onClick={() => theme.toggle()}>
          <Icon name="light" />
        </button>
        <span class="me" title={caller.me.email ?? undefined}>{caller.me.name ?? caller.me.email ?? "API key"}</span>
        <button type="button" class="icon-button" aria-label="Sign out" onClick={() => void signOut()}>
          <Icon name="out" />
        </button>
      </header>
      <nav class={`side-nav ${menu ? "open" : ""}`} aria-label="Main">
        <ul>
          {mine.map((each) => (
            <li key={each.to}>
              <Link to={each.to} aria-current={isAt(place, each.to) ? "page" : undefined}>
                <Icon name={each.icon} />
                {each.name}
                {each.to === "/attention" && stuck > 0 && <span class="count warn">{stuck}</span>}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      {menu && <div class="veil" onClick={() => setMenu(false)} />}
      <Content place={place}>{pageAt(place)}</Content>
      {palette && <Palette destinations={mine} close={() => setPalette(false)} />}
      {help && (
        <Dialog title="Keyboard" close={() => setHelp(false)}>
          <Shortcuts destinations={mine} />
        </Dialog>
      )}
    </div>
  );
}

function useStuck(caller: Caller): number {
  const found = useResource<Found>(may(caller, "ops:read") ? "stuck" : null, (signal) => get("/ops/attention?limit=20", signal));
  useLive(["order.paid", "order.cancelled", "order.processing", "shipment.*"], found.reload);
  return found.data?.found ?? 0;
}

function isAt(place: Place, to: string): boolean {
  return to === "/" ? place.path === "/" : place.path === to || place.path.startsWith(`${to}/`);
}

// A new page is announced by its heading, where reading goes on.
function Content({ place, children }: { place: Place; children: ComponentChildren }) {
  const page = place.parts[0] ?? "";
  const shown = useRef(page);
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    const name = destinations.find((each) => isAt(place, each.to))?.name;
    document.title = name ? `${name} · StateSet` : "StateSet";
    if (shown.current === place.path) return;
    shown.current = place.path;
    scrollTo(0, 0);
    if (!document.querySelector("dialog[open]")) (main.current?.querySelector<HTMLElement>("h1") ?? main.current)?.focus({ preventScroll: true });
  }, [place.path]);
  return (
    <main id="content" class="content" tabIndex={-1} ref={main}>
      {children}
    </main>
  );
}

function pageAt(place: Place) {
  const [page, id] = place.parts;
  switch (page) {
    case undefined:
      return <Overview />;
    case "attention":
      return <Attention place={place} />;
    case "orders":
      return id ? <Order key={id} id={id} /> : <Orders place={place} />;
    case "inventory":
      return id ? <ItemPage key={id} number={id} place={place} /> : <Inventory place={place} />;
    case "shipments":
      return <Board key="shipments" noun={shipments} place={place} />;
    case "returns":
      return <Board key="returns" noun={returns} place={place} />;
    case "claims":
      return <Board key="claims" noun={claims} place={place} />;
    case "work-orders":
      return <Board key="work-orders" noun={workOrders} place={place} />;
    case "webhooks":
      return <Webhooks place={place} />;
    case "api-keys":
      return <Keys place={place} />;
    default:
      return <><h1 tabIndex={-1}>Nothing here</h1><Empty title="There is no such page"><Link to="/">To the overview</Link></Empty></>;
  }
}
