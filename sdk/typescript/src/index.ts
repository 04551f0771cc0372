// StateSet's client: types over fetch.
export { StateSet } from "./client.js";
export { responseOf, type ClientOptions, type RequestOptions, type ResponseInfo } from "./core.js";
export { ApiError, ConnectionError, StateSetError, WebhookVerificationError, type Problem } from "./errors.js";
export { List, type Page } from "./list.js";
export { Webhook, type IncomingHeaders, type WebhookEvent, type WebhookOptions } from "./webhooks.js";
export type * from "./codes.js";
export type * from "./models.js";
export type * from "./resources.js";
