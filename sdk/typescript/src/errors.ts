// What can go wrong, as classes to tell apart with `instanceof`.
import type { ErrorCode } from "./codes.js";
import type { Fault } from "./models.js";

/** The base of every error that this library throws. */
export class StateSetError extends Error {
  override name = "StateSetError";
}

/** The body of a refusal (RFC 9457). */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode | (string & {});
  instance?: string | null;
  request_id?: string | null;
  errors?: Fault[];
}

/** The server answered, and refused. `code` says why, in a word that stays the same. */
export class ApiError extends StateSetError {
  override name = "ApiError";
  readonly status: number;
  readonly code: Problem["code"];
  readonly title: string;
  readonly detail: string;
  /** What the refusal left behind, such as the address of a declined payment. */
  readonly instance: string | undefined;
  /** For questions to the operator. */
  readonly requestId: string | undefined;
  /** Every fault of the request, not only the first. */
  readonly errors: readonly Fault[];
  /** Seconds the server asks to wait before the request is sent again. */
  readonly retryAfter: number | undefined;

  constructor(problem: Partial<Problem>, response: Response) {
    const title = problem.title ?? `HTTP ${response.status}`;
    const detail = problem.detail ?? response.statusText;
    super([title, detail].filter(Boolean).join(": "));
    this.status = response.status;
    this.code = problem.code ?? "unknown";
    this.title = title;
    this.detail = detail;
    this.instance = problem.instance ?? undefined;
    this.requestId = problem.request_id ?? response.headers.get("request-id") ?? undefined;
    this.errors = problem.errors ?? [];
    const wait = Number(response.headers.get("retry-after") ?? Number.NaN);
    this.retryAfter = Number.isFinite(wait) ? wait : undefined;
  }

  /** What is wrong with one member of the request, by its JSON Pointer. */
  fault(pointer: string): Fault | undefined {
    return this.errors.find((fault) => fault.pointer === pointer);
  }
}

/** No answer came, after all attempts. A write may have happened: sending it with the same key again is safe. */
export class ConnectionError extends StateSetError {
  override name = "ConnectionError";
  /** With which key the write was sent. */
  readonly idempotencyKey: string | undefined;

  constructor(message: string, cause: unknown, idempotencyKey?: string) {
    super(message, { cause });
    this.idempotencyKey = idempotencyKey;
  }
}

/** A message that claims to be a webhook is not one of ours, or was changed, or is too old. */
export class WebhookVerificationError extends StateSetError {
  override name = "WebhookVerificationError";
}
