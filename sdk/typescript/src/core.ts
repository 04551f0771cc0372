// What every operation does alike: credentials, retries with the same idempotency key, refusals, pages, streams.
import { ApiError, ConnectionError, type Problem } from "./errors.js";
import { List, type Page } from "./list.js";
import { pause, webCrypto } from "./platform.js";
import { events } from "./stream.js";

export interface ClientOptions {
  /** Where the server is; `http://127.0.0.1:8080` unless said otherwise. */
  baseUrl?: string;
  /** An API key, `sk_live_…` or `sk_test_…`. */
  apiKey?: string;
  /** Instead of an API key: an access token, or what gives one whenever it is needed. */
  token?: string | (() => string | Promise<string>);
  /** Milliseconds for one attempt; 30,000. */
  timeout?: number;
  /** How often a request is sent again when that is safe; 5. */
  maxRetries?: number;
  /** Milliseconds to wait at most before sending it again; 30,000. */
  maxDelay?: number;
  /** Sent with every request. */
  headers?: Record<string, string>;
  /** Another `fetch` than the platform's. */
  fetch?: typeof fetch;
}

export interface RequestOptions {
  /** A key of your own, for a write that shall happen once however often your program runs. */
  idempotencyKey?: string;
  /** Refuse (412 `precondition_failed`) unless it still has this version or ETag. */
  ifMatch?: number | string;
  /** The same answer, and nothing is stored. */
  dryRun?: boolean;
  /** An id of your own for this request; it is kept and answered. */
  requestId?: string;
  signal?: AbortSignal;
  timeout?: number;
  maxRetries?: number;
  headers?: Record<string, string>;
}

/** What came with an answer besides its body. */
export interface ResponseInfo {
  status: number;
  /** Accepted (202): the outcome is not known yet, and it goes on by itself. */
  accepted: boolean;
  /** The stored answer of an earlier request with the same idempotency key. */
  replayed: boolean;
  /** Nothing was stored. */
  dryRun: boolean;
  /** For `ifMatch`. */
  etag: string | undefined;
  requestId: string | undefined;
  /** How many attempts it took. */
  attempts: number;
  headers: Headers;
}

const infos = new WeakMap<object, ResponseInfo>();

/** What came with this answer: `responseOf(payment)?.accepted`. */
export function responseOf(answer: object): ResponseInfo | undefined {
  return infos.get(answer);
}

/** A path with its parameters encoded: path`/orders/${id}`. */
export function path(words: TemplateStringsArray, ...parameters: (string | number)[]): string {
  return words.reduce((text, word, at) => text + encodeURIComponent(String(parameters[at - 1])) + word);
}

type Query = object | undefined;
type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

interface Call {
  method: Method;
  path: string;
  query?: Query;
  body?: BodyInit | undefined;
  contentType?: string;
  accept?: string;
  /** Whether it may be sent again when no answer came. */
  repeatable: boolean;
  options: RequestOptions;
}

interface Answer {
  response: Response;
  bytes: Uint8Array<ArrayBuffer>;
  attempts: number;
}

export class Core {
  private readonly base: string;
  private readonly settings: ClientOptions & { timeout: number; maxRetries: number; maxDelay: number };
  private readonly fetch: typeof fetch;

  constructor(options: ClientOptions) {
    this.base = (options.baseUrl ?? "http://127.0.0.1:8080").replace(/\/+$/, "");
    this.settings = { timeout: 30_000, maxRetries: 5, maxDelay: 30_000, ...defined(options) };
    this.fetch = options.fetch ?? ((input, init) => globalThis.fetch(input, init));
  }

  get<T>(path: string, query: Query, options: RequestOptions = {}): Promise<T> {
    return this.json({ method: "GET", path, query, repeatable: true, options });
  }

  list<T>(path: string, query: Query, options: RequestOptions = {}): List<T> {
    return new List((cursor) => this.get<Page<T>>(path, cursor === undefined ? query : { ...query, cursor }, options));
  }

  /** A list that comes whole. */
  async all<T>(path: string, query: Query, options: RequestOptions = {}): Promise<T[]> {
    return (await this.get<Page<T>>(path, query, options)).data;
  }

  /** A write: the idempotency key makes it safe to send it again. */
  async send<T>(method: Method, path: string, input?: object, options: RequestOptions = {}): Promise<T> {
    const idempotencyKey = options.idempotencyKey ?? (await newKey());
    return this.json({ method, path, ...asJson(input), repeatable: true, options: { ...options, idempotencyKey } });
  }

  /** A request that takes no idempotency key, such as a login. */
  sendOnce<T>(method: Method, path: string, input?: object, options: RequestOptions = {}): Promise<T> {
    return this.json({ method, path, ...asJson(input), repeatable: false, options });
  }

  /** Bytes as they are. They take no key either: to put them twice is to put them once. */
  upload<T>(method: Method, path: string, body: BodyInit, options: RequestOptions = {}): Promise<T> {
    return this.json({ method, path, body, contentType: "application/octet-stream", repeatable: method === "PUT", options });
  }

  async bytes(path: string, query: Query, options: RequestOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
    const answer = await this.answer({ method: "GET", path, query, accept: "*/*", repeatable: true, options });
    return answer.bytes;
  }

  /** Server-sent events; comes back after the last one whenever the connection ends. */
  stream<T extends { position: string }>(path: string, query: Query, options: RequestOptions = {}): AsyncGenerator<T, void, undefined> {
    const open = async (last: string | undefined, signal: AbortSignal) => {
      const headers = { ...options.headers, ...(last === undefined ? {} : { "Last-Event-ID": last }) };
      const call: Call = { method: "GET", path, query, accept: "text/event-stream", repeatable: true,
        options: { ...options, headers } };
      const response = await this.fetch(this.url(call), { headers: await this.headers(call), signal });
      if (!response.ok) throw refusal(response, new Uint8Array(await response.arrayBuffer()));
      return response;
    };
    return events<T>(open, options.signal, (attempt) => delay(attempt, this.settings.maxDelay),
      options.maxRetries ?? this.settings.maxRetries);
  }

  private async json<T>(call: Call): Promise<T> {
    const { response, bytes, attempts } = await this.answer(call);
    if (bytes.length === 0) return undefined as T;
    const value = JSON.parse(new TextDecoder().decode(bytes)) as T;
    if (typeof value === "object" && value !== null) infos.set(value, info(response, attempts));
    return value;
  }

  private async answer(call: Call): Promise<Answer> {
    const { signal, idempotencyKey } = call.options;
    const most = call.options.maxRetries ?? this.settings.maxRetries;
    for (let attempt = 0; ; attempt++) {
      let failure: ApiError | ConnectionError;
      try {
        const { response, bytes } = await this.attempt(call);
        if (response.ok) return { response, bytes, attempts: attempt + 1 };
        failure = refusal(response, bytes);
        if (!mayPass(failure, call.repeatable)) throw failure;
      } catch (error) {
        if (error instanceof ApiError || signal?.aborted) throw error;
        failure = new ConnectionError(`${call.method} ${call.path}: ${reason(error)}`, error, idempotencyKey);
        if (!call.repeatable) throw failure;
      }
      const asked = failure instanceof ApiError ? failure.retryAfter : undefined;
      const wait = asked === undefined ? delay(attempt, this.settings.maxDelay) : asked * 1000;
      if (attempt >= most || wait > this.settings.maxDelay) throw failure;
      await pause(wait, signal);
    }
  }

  /** One attempt, with all of its body: what breaks off in the middle is no answer. */
  private async attempt(call: Call): Promise<{ response: Response; bytes: Uint8Array<ArrayBuffer> }> {
    const { signal } = call.options;
    signal?.throwIfAborted();
    const headers = await this.headers(call);
    const late = new AbortController();
    const stop = () => late.abort(signal?.reason);
    const milliseconds = call.options.timeout ?? this.settings.timeout;
    const timer = setTimeout(() => late.abort(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
    try {
      const { method, body = null } = call;
      const response = await this.fetch(this.url(call), { method, headers, body, signal: late.signal });
      return { response, bytes: new Uint8Array(await response.arrayBuffer()) };
    } catch (error) {
      throw late.signal.aborted ? late.signal.reason : error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }

  private url(call: Call): string {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(call.query ?? {})) {
      if (value !== undefined && value !== null) query.set(name, String(value));
    }
    if (call.options.dryRun) query.set("dry_run", "true");
    const text = query.toString();
    return this.base + call.path + (text ? `?${text}` : "");
  }

  private async headers(call: Call): Promise<Headers> {
    const { apiKey, token } = this.settings;
    const { idempotencyKey, ifMatch, requestId } = call.options;
    const headers = new Headers(this.settings.headers);
    headers.set("Accept", call.accept ?? "application/json");
    const credential = apiKey ?? (typeof token === "function" ? await token() : token);
    if (credential) headers.set("Authorization", `Bearer ${credential}`);
    if (call.contentType) headers.set("Content-Type", call.contentType);
    if (idempotencyKey) headers.set("Idempotency-Key", idempotencyKey);
    if (ifMatch !== undefined) headers.set("If-Match", typeof ifMatch === "number" ? `"${ifMatch}"` : ifMatch);
    if (requestId) headers.set("Request-Id", requestId);
    for (const [name, value] of Object.entries(call.options.headers ?? {})) headers.set(name, value);
    return headers;
  }
}

function defined<T extends object>(options: T): T {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as T;
}

function asJson(input: object | undefined): { body?: string; contentType?: string } {
  return input === undefined ? {} : { body: JSON.stringify(input), contentType: "application/json" };
}

async function newKey(): Promise<string> {
  return (await webCrypto()).randomUUID();
}

function refusal(response: Response, bytes: Uint8Array): ApiError {
  let problem: Partial<Problem> = {};
  try {
    problem = JSON.parse(new TextDecoder().decode(bytes)) as Partial<Problem>;
  } catch {
    // A proxy's page, not a problem of ours: the status says it all.
  }
  return new ApiError(problem, response);
}

/** Whether the same request may fare better later. What a proxy says (502, 504) leaves open what happened. */
function mayPass(failure: ApiError, repeatable: boolean): boolean {
  if (failure.status === 429) return true;
  if (failure.status === 409) return failure.code === "request_in_progress";
  return [502, 503, 504].includes(failure.status) && repeatable;
}

/** Milliseconds: at random up to a bound that doubles, so that many clients do not come back at once. */
function delay(attempt: number, most: number): number {
  return Math.random() * Math.min(most, 250 * 2 ** attempt);
}

function reason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

function info(response: Response, attempts: number): ResponseInfo {
  const { status, headers } = response;
  return {
    status,
    accepted: status === 202,
    replayed: headers.get("idempotent-replayed") === "true",
    dryRun: headers.get("dry-run") === "true",
    etag: headers.get("etag") ?? undefined,
    requestId: headers.get("request-id") ?? undefined,
    attempts,
    headers,
  };
}
