// Verifies messages that a StateSet server sent with the official Standard Webhooks library. The
// file named by STATESET_MESSAGES holds them: [{"secret", "headers", "body"}, …].
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { Webhook } from "standardwebhooks";

const messages = JSON.parse(readFileSync(process.env.STATESET_MESSAGES, "utf8"));

test("there are messages to verify", () => assert.notEqual(messages.length, 0));

for (const [at, { secret, headers, body }] of messages.entries()) {
  test(`message ${at} verifies with its secret`, () => {
    const event = new Webhook(secret).verify(body, headers);
    assert.deepEqual(Object.keys(event), ["type", "timestamp", "data"]);
  });
  test(`message ${at} does not verify once it was changed`, () => {
    assert.throws(() => new Webhook(secret).verify(`${body} `, headers), /No matching signature/);
  });
}
