// What happens, as it happens: the API's event stream, read with fetch since EventSource cannot send
// credentials. One connection serves the page; it comes back by itself after what it saw last.

import { credentialForNow } from "./session";

export interface Happening {
  id: string;
  position: string;
  type: string;
  aggregate_type: string;
  aggregate_id: string;
  occurred_at: string;
  actor: string;
  data: Record<string, unknown> | null;
}

export type Liveness = "connecting" | "live" | "off";
type Listener = (happening: Happening) => void;

const listeners = new Map<Listener, string[]>();
const watchers = new Set<(state: Liveness) => void>();
const retryMs = 2000;
let running: AbortController | null = null;
let wanted = "";
let last = "";
let state: Liveness = "off";

function tell(next: Liveness): void {
  state = next;
  watchers.forEach((watcher) => watcher(next));
}

export function watchLiveness(watcher: (state: Liveness) => void): () => void {
  watchers.add(watcher);
  watcher(state);
  return () => watchers.delete(watcher);
}

// Patterns such as "order.*". Returns how to stop.
export function follow(patterns: string[], listener: Listener): () => void {
  listeners.set(listener, patterns);
  reconsider();
  return () => {
    listeners.delete(listener);
    reconsider();
  };
}

// Pages change often: only when the dust has settled is a connection made for what is wanted then.
let settling: ReturnType<typeof setTimeout> | undefined;
function reconsider(): void {
  clearTimeout(settling);
  settling = setTimeout(() => {
    const types = [...new Set([...listeners.values()].flat())].sort().join(",");
    if (types === wanted) return;
    running?.abort();
    running = null;
    wanted = types;
    if (!types) return tell("off");
    running = new AbortController();
    void run(types, running.signal);
  }, 50);
}

function matches(pattern: string, type: string): boolean {
  return pattern === "*" || pattern === type || (pattern.endsWith("*") && type.startsWith(pattern.slice(0, -1)));
}

function take(block: string): void {
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("id:")) last = line.slice(3).trim();
    if (line.startsWith("data:")) data += line.slice(5).trim();
  }
  if (!data) return;
  const happening = JSON.parse(data) as Happening;
  for (const [listener, patterns] of listeners) {
    if (patterns.some((pattern) => matches(pattern, happening.type))) listener(happening);
  }
}

async function read(response: Response): Promise<void> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value.replaceAll("\r", "");
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    blocks.forEach(take);
  }
}

async function run(types: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    tell("connecting");
    try {
      const headers: Record<string, string> = { Accept: "text/event-stream" };
      const credential = await credentialForNow();
      if (!credential) return tell("off");
      headers.Authorization = `Bearer ${credential}`;
      if (last) headers["Last-Event-ID"] = last;
      const response = await fetch(`/api/v1/events/stream?types=${encodeURIComponent(types)}`, { headers, signal });
      if (response.status === 403 || response.status === 429) return tell("off"); // pages ask again now and then
      if (response.ok) {
        tell("live");
        await read(response);
      } else if (response.status === 400) {
        last = ""; // what we saw last is forgotten there
      }
    } catch {
      if (signal.aborted) return;
    }
    tell("connecting");
    await new Promise((done) => setTimeout(done, retryMs));
  }
}
