// The keyboard's ways. None of them while somebody types or a dialog is open.

import { useEffect, useRef } from "preact/hooks";

import type { Destination } from "../app";
import { go } from "../router";

const sequenceMs = 1200;

function typing(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

// j and k walk the links of a list; Enter is the link's own.
function walk(step: number): void {
  const links = [...document.querySelectorAll<HTMLElement>("[data-list] .row-link, .board-card, .cases .strong[href]")];
  if (links.length === 0) return;
  const at = links.indexOf(document.activeElement as HTMLElement);
  const next = links[at < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + step))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

export function useShortcuts({ destinations, openPalette, openHelp }: {
  destinations: Destination[];
  openPalette: () => void;
  openHelp: () => void;
}): void {
  const latest = useRef({ destinations, openPalette, openHelp });
  latest.current = { destinations, openPalette, openHelp };
  useEffect(() => {
    let goingSince = 0;
    const press = (event: KeyboardEvent) => {
      const { destinations, openPalette, openHelp } = latest.current;
      if (document.querySelector("dialog[open]")) return;
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        return openPalette();
      }
      if (typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (Date.now() - goingSince < sequenceMs) {
        goingSince = 0;
        const to = destinations.find((each) => each.key === event.key);
        if (to) {
          event.preventDefault();
          return go(to.to);
        }
      }
      const ways: Record<string, () => void> = {
        g: () => (goingSince = Date.now()),
        j: () => walk(1),
        k: () => walk(-1),
        "?": openHelp,
        "/": () => (document.querySelector<HTMLElement>("[data-search]") ?? { focus: openPalette }).focus(),
        x: () => document.querySelector<HTMLElement>(".next .button, .side-body .moves .button")?.focus(),
      };
      const way = ways[event.key];
      if (!way) return;
      event.preventDefault();
      way();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}

export function Shortcuts({ destinations }: { destinations: Destination[] }) {
  const ways: [string[], string][] = [
    [["Ctrl", "K"], "Find an order or item, or go anywhere"],
    [["/"], "Search this page"],
    [["j"], "Next of the list"],
    [["k"], "The one before"],
    [["Enter"], "Open it"],
    [["x"], "To the first thing that can be done"],
    [["Esc"], "Close what is open"],
    [["?"], "This list"],
    ...destinations.map((each): [string[], string] => [["g", each.key], each.name]),
  ];
  return (
    <dl class="keys">
      {ways.map(([keys, what]) => (
        <div key={what}>
          <dt>{keys.map((each) => <kbd key={each}>{each}</kbd>)}</dt>
          <dd>{what}</dd>
        </div>
      ))}
    </dl>
  );
}
