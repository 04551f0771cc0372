// Where we are: the path below /console and its parameters. All state that one would want to share,
// bookmark or go back to lies there; pages keep the rest.

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

const base = "/console";

export interface Place {
  path: string; // "/orders/0198…"
  parts: string[]; // ["orders", "0198…"]
  parameters: URLSearchParams;
}

function here(): Place {
  const path = location.pathname.replace(/^\/console\/?/, "/").replace(/\/$/, "") || "/";
  return {
    path,
    parts: path.split("/").filter(Boolean).map(decodeURIComponent),
    parameters: new URLSearchParams(location.search),
  };
}

const listeners = new Set<() => void>();
addEventListener("popstate", () => listeners.forEach((listener) => listener()));

export function usePlace(): Place {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const listener = () => setPlace(here());
    listeners.add(listener);
    listener();
    return () => void listeners.delete(listener);
  }, []);
  return place;
}

export function go(to: string, replace = false): void {
  const address = base + (to === "/" ? "/" : to);
  if (address === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", address);
  listeners.forEach((listener) => listener());
}

// Changes some parameters of the place. Typing replaces the entry, so that "back" leaves the page.
export function change(parameters: Record<string, string | null>, replace = false): void {
  const place = here();
  for (const [name, value] of Object.entries(parameters)) {
    if (value) place.parameters.set(name, value);
    else place.parameters.delete(name);
  }
  const text = place.parameters.toString();
  go(place.path + (text ? `?${text}` : ""), replace);
}

type LinkProps = JSX.AnchorHTMLAttributes & { to: string; children?: ComponentChildren };

export function Link({ to, children, ...rest }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a href={base + to} onClick={follow} {...rest}>
      {children}
    </a>
  );
}
