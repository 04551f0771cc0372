import type { Event } from "./models.js";
import { WebhookVerificationError } from "./errors.js";
import { webCrypto } from "./platform.js";

/** What a webhook says: an event, with the noun as a GET would show it. */
export interface WebhookEvent {
  /** Such as `order.shipped`. */
  type: string;
  /** When it happened. */
  timestamp: string;
  data: Event["data"];
}

export interface WebhookOptions {
  /** How many seconds old, or ahead, a message may be; 300 unless said otherwise. */
  tolerance?: number;
}

/** The headers of a request: those of `fetch`, or of Node's `IncomingMessage`. */
export type IncomingHeaders = Headers | Record<string, string | string[] | undefined>;

/** Checks that webhooks come from your server, as Standard Webhooks says. */
export class Webhook {
  private readonly secrets: readonly string[];
  private readonly tolerance: number;

  /** `secret` as shown when the endpoint was made (`whsec_…`); several while you move from one to another. */
  constructor(secret: string | readonly string[], options: WebhookOptions = {}) {
    this.secrets = typeof secret === "string" ? [secret] : secret;
    this.tolerance = options.tolerance ?? 300;
    if (this.secrets.length === 0) throw new TypeError("a webhook needs a secret");
  }

  /**
   * The event, once the signature and the time hold; else throws `WebhookVerificationError`.
   * `body` are the bytes as they came: parsed and printed again, they are others.
   */
  async verify(body: string | Uint8Array, headers: IncomingHeaders): Promise<WebhookEvent> {
    const id = header(headers, "webhook-id");
    const timestamp = header(headers, "webhook-timestamp");
    const signatures = header(headers, "webhook-signature").split(" ");
    this.checkTime(timestamp);
    const content = typeof body === "string" ? new TextEncoder().encode(body) : body;
    const signed = joined(new TextEncoder().encode(`${id}.${timestamp}.`), content);
    for (const secret of this.secrets) {
      if (await anySignatureHolds(secret, signatures, signed)) {
        return JSON.parse(new TextDecoder().decode(content)) as WebhookEvent;
      }
    }
    throw new WebhookVerificationError("no signature fits the message");
  }

  private checkTime(timestamp: string): void {
    if (!/^[0-9]+$/.test(timestamp)) throw new WebhookVerificationError("webhook-timestamp is no time");
    const age = Date.now() / 1000 - Number(timestamp);
    if (age > this.tolerance) throw new WebhookVerificationError("the message is too old");
    if (-age > this.tolerance) throw new WebhookVerificationError("the message comes from the future");
  }
}

// The comparison is that of WebCrypto, which takes the same time for every signature.
async function anySignatureHolds(secret: string, signatures: string[], signed: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const crypto = await webCrypto();
  const key = await crypto.subtle.importKey("raw", fromBase64(secret.replace(/^whsec_/, "")),
    { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  for (const signature of signatures) {
    const [version, value] = signature.split(",", 2);
    if (version !== "v1" || !value || !/^[A-Za-z0-9+/]+=*$/.test(value)) continue;
    if (await crypto.subtle.verify("HMAC", key, fromBase64(value), signed)) return true;
  }
  return false;
}

function header(headers: IncomingHeaders, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : headers[name];
  const text = Array.isArray(value) ? value[0] : value;
  if (!text) throw new WebhookVerificationError(`the header ${name} is missing`);
  return text;
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    throw new WebhookVerificationError("a secret or signature is not in base64");
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
