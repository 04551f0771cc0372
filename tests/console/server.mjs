// The real server with its demo shop, for all tests of this folder.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const administrator = { email: "admin@example.com", password: "correct horse battery" };
const patienceMs = 20_000;

export default async function start() {
  const data = mkdtempSync(join(tmpdir(), "stateset-console-"));
  const server = spawn(process.env.STATESET_BINARY, ["serve", "--demo", "--data", data, "--http", "127.0.0.1:0"], {
    env: {
      ...process.env,
      STATESET_GRPC: "off",
      STATESET_RATE_LIMIT: "off",
      STATESET_WEBHOOK_ALLOW_PRIVATE: "true",
      STATESET_ADMIN_EMAIL: administrator.email,
      STATESET_ADMIN_PASSWORD: administrator.password,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const port = await new Promise((found, failed) => {
    const late = setTimeout(() => failed(new Error(`the server did not start:\n${said}`)), patienceMs);
    const listen = (chunk) => {
      said += chunk;
      const match = said.match(/http:\/\/127\.0\.0\.1:(\d+)/);
      if (match) found(Number(match[1]), clearTimeout(late));
    };
    server.stdout.on("data", listen);
    server.stderr.on("data", listen);
    server.on("exit", () => failed(new Error(`the server ended:\n${said}`)));
  });
  process.env.CONSOLE_SERVER = `http://127.0.0.1:${port}`;
  return async () => {
    const ended = new Promise((done) => server.on("exit", done));
    server.kill("SIGTERM");
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
}
