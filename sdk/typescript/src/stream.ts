// Server-sent events, one after the other, over as many connections as it takes.
import { ApiError, ConnectionError } from "./errors.js";
import { pause } from "./platform.js";

/** A silent stream says something every 15 s unless the operator chose otherwise; this long means it is dead. */
const SILENCE = 60_000;

type Open = (last: string | undefined, signal: AbortSignal) => Promise<Response>;

/**
 * Events until the caller stops or `signal` says so. The first connection is tried `most` times more; later ones until
 * they stand, each from the last event on. A refusal, as when the credentials ended, is thrown.
 */
export async function* events<T extends { position: string }>(
  open: Open, signal: AbortSignal | undefined, delay: (attempt: number) => number, most: number,
): AsyncGenerator<T, void, undefined> {
  let last: string | undefined;
  let connected = false;
  for (let failures = 0; ; ) {
    const connection = new AbortController();
    const stop = () => connection.abort(signal?.reason);
    signal?.throwIfAborted();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      const response = await within(SILENCE, connection, open(last, connection.signal));
      connected = true;
      for await (const { id, data } of messages(response, connection)) {
        failures = 0;
        last = id || last;
        yield JSON.parse(data) as T;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof SyntaxError) throw error; // an event that cannot be read
      if (error instanceof ApiError && ![429, 502, 503, 504].includes(error.status)) throw error;
      if (!connected && failures >= most) {
        throw error instanceof ApiError ? error : new ConnectionError("the stream cannot be opened", error);
      }
    } finally {
      signal?.removeEventListener("abort", stop);
      connection.abort();
    }
    await pause(delay(failures++), signal).catch(() => undefined);
    if (signal?.aborted) return;
  }
}

interface Message {
  id: string;
  data: string;
}

async function* messages(response: Response, connection: AbortController): AsyncGenerator<Message, void, undefined> {
  let id = "";
  let data: string[] = [];
  for await (const line of lines(response, connection)) {
    if (line === "") {
      if (data.length > 0) yield { id, data: data.join("\n") };
      data = [];
      continue;
    }
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "id") id = value;
    if (name === "data") data.push(value);
  }
}

async function* lines(response: Response, connection: AbortController): AsyncGenerator<string, void, undefined> {
  const reader = response.body?.getReader();
  if (!reader) return;
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await within(SILENCE, connection, reader.read());
    if (done) return;
    const parts = (rest + decoder.decode(value, { stream: true })).split(/\r?\n/);
    rest = parts.pop() ?? "";
    yield* parts;
  }
}

function within<T>(milliseconds: number, connection: AbortController, work: Promise<T>): Promise<T> {
  const timer = setTimeout(() => connection.abort(new Error("the stream went silent")), milliseconds);
  return work.finally(() => clearTimeout(timer));
}
