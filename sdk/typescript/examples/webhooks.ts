import { createServer } from "node:http";
import { Webhook, WebhookVerificationError } from "stateset";

const webhook = new Webhook(process.env.STATESET_WEBHOOK_SECRET ?? ""); // shown when the endpoint was made

createServer(async (request, response) => {
  const body: Buffer[] = [];
  for await (const part of request) body.push(part);
  try {
    const event = await webhook.verify(Buffer.concat(body), request.headers);
    console.log(event.type, event.data);
    response.writeHead(204).end();
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    response.writeHead(400).end();
  }
}).listen(Number(process.env.PORT ?? 3000), "127.0.0.1");
