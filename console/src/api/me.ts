// What the caller may do, and which moves lead on from a status. Both come from the server: the
// console knows no lifecycle of its own.

import { createContext } from "preact";
import { useContext } from "preact/hooks";

import type { Me, Move } from "./types";

export interface Caller {
  me: Me;
  moves: Move[];
}

export const CallerContext = createContext<Caller | null>(null);

export function useCaller(): Caller {
  const caller = useContext(CallerContext);
  if (!caller) throw new Error("nobody is signed in");
  return caller;
}

function covers(granted: string, needed: string): boolean {
  if (granted === "*" || granted === needed) return true;
  const [area, action] = granted.split(":");
  const [wantedArea, wantedAction] = needed.split(":");
  return (area === "*" || area === wantedArea) && (action === "*" || action === wantedAction);
}

export function may(caller: Caller, permission: string): boolean {
  return caller.me.permissions.some((granted) => covers(granted, permission));
}

// The moves that a thing at `resource` ("/orders") can make from where it stands.
export function movesFrom(caller: Caller, resource: string, status: string): Move[] {
  const prefix = `/api/v1${resource}/{id}/`;
  return caller.moves.filter((move) => move.path.startsWith(prefix) && move.legal_from.includes(status));
}
