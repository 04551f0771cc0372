// Requests to the API, and nothing but the API. A refusal is thrown as a Problem, which knows what
// to say and to which field.

import { credentialForNow, forget, renew, session } from "./session";

export interface Fault {
  pointer: string;
  code: string;
  message: string;
}

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly faults: Fault[],
    readonly requestId: string | null,
  ) {
    super(detail);
  }
  // Of the field at that pointer, or below it.
  at(pointer: string): string | undefined {
    return this.faults.find((fault) => fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`))?.message;
  }
}

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
}

export interface Ask {
  method?: string;
  body?: unknown;
  key?: string; // Idempotency-Key
  signal?: AbortSignal;
}

async function problem(response: Response): Promise<Problem> {
  const said = (await response.json().catch(() => null)) as Partial<{
    code: string;
    detail: string;
    title: string;
    errors: Fault[];
    request_id: string;
  }> | null;
  return new Problem(
    response.status,
    said?.code ?? "unknown",
    said?.detail ?? said?.title ?? `The server answered ${response.status}.`,
    said?.errors ?? [],
    said?.request_id ?? response.headers.get("Request-Id"),
  );
}

export async function problemOf(response: Response): Promise<Problem> {
  return problem(response);
}

export async function send(path: string, ask: Ask = {}): Promise<Response> {
  const once = async (credential: string | null): Promise<Response> => {
    const headers: Record<string, string> = {};
    if (credential) headers.Authorization = `Bearer ${credential}`;
    if (ask.body !== undefined) headers["Content-Type"] = "application/json";
    if (ask.key) headers["Idempotency-Key"] = ask.key;
    try {
      return await fetch(`/api/v1${path}`, {
        method: ask.method ?? "GET",
        headers,
        body: ask.body === undefined ? undefined : JSON.stringify(ask.body),
        signal: ask.signal,
      });
    } catch (fault) {
      if (ask.signal?.aborted) throw fault;
      throw new Problem(0, "unreachable", "The server cannot be reached.", [], null);
    }
  };
  let response = await once(await credentialForNow());
  if (response.status === 401 && session.credential) {
    const stale = session.credential;
    const fresh = stale.kind === "tokens" ? await renew(stale) : null;
    if (fresh) response = await once(await credentialForNow());
    if (response.status === 401) forget();
  }
  if (!response.ok) throw await problem(response);
  return response;
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await (await send(path, { signal })).json()) as T;
}

export async function post<T>(path: string, body: unknown, key: string): Promise<T> {
  const response = await send(path, { method: "POST", body, key });
  return (response.status === 204 ? null : await response.json()) as T;
}

export function query(parameters: Record<string, string | number | null | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== null && value !== "") search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `?${text}` : "";
}

// One for each intention: a click that is repeated because the answer got lost takes effect once.
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return `console-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
