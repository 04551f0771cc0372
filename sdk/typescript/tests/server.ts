// A real server with data that goes when it ends, and a proxy before it that misbehaves on demand.
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer, connect, type AddressInfo, type Server as NetServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StateSet } from "stateset";

const LOGIN = { email: "ops@example.com", password: "a long enough password" };
const PATIENCE = 30_000;

export class Server {
  private constructor(readonly url: string, readonly key: string, private readonly process: ChildProcess, private readonly folder: string) {}

  static async start(): Promise<Server> {
    const binary = process.env.STATESET_BINARY;
    if (!binary) throw new Error("STATESET_BINARY names the server's program");
    const folder = mkdtempSync(join(tmpdir(), "stateset-sdk-"));
    const address = join(folder, "address");
    const log = openSync(join(folder, "log"), "w");
    const child = spawn(binary, ["serve", "--data", join(folder, "data"), "--http", "127.0.0.1:0", "--address-file", address], {
      stdio: ["ignore", log, log],
      env: { ...process.env, STATESET_ADMIN_EMAIL: LOGIN.email, STATESET_ADMIN_PASSWORD: LOGIN.password,
        STATESET_WEBHOOK_ALLOW_PRIVATE: "true", STATESET_GRPC: "off" },
    });
    await until(() => existsSync(address) && readFileSync(address, "utf8").trim() !== "", () => {
      if (child.exitCode !== null) throw new Error(`the server does not start:\n${readFileSync(join(folder, "log"), "utf8")}`);
    });
    const url = `http://${readFileSync(address, "utf8").trim().replace(/^http:\/\//, "")}`;
    const { access_token } = await new StateSet({ baseUrl: url }).auth.login(LOGIN);
    const { key } = await new StateSet({ baseUrl: url, token: () => access_token }).apiKeys.create({ name: "sdk", scopes: ["*"] });
    return new Server(url, key, child, folder);
  }

  client(options: ConstructorParameters<typeof StateSet>[0] = {}): StateSet {
    return new StateSet({ baseUrl: this.url, apiKey: this.key, ...options });
  }

  async end(): Promise<void> {
    const gone = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill();
    await gone;
    rmSync(this.folder, { recursive: true });
  }
}

export async function until(holds: () => boolean, check: () => void = () => undefined): Promise<void> {
  for (const end = Date.now() + PATIENCE; !holds(); ) {
    check();
    if (Date.now() > end) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** `drop`: the request arrives, the answer does not. `busy`: 503, the server hears nothing of it. */
export type Mischief = "drop" | "busy";

export class Proxy {
  /** What happens to the next requests, one each. */
  readonly plan: Mischief[] = [];
  /** How many requests came by. */
  requests = 0;
  private readonly sockets = new Set<Socket>();
  private constructor(private readonly listener: NetServer) {}

  static async before(server: Server): Promise<Proxy> {
    const listener = createServer();
    const proxy = new Proxy(listener);
    listener.on("connection", (client) => proxy.serve(client, Number(new URL(server.url).port)));
    await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  /** Every connection breaks. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  end(): void {
    this.cut();
    this.listener.close();
  }

  private serve(client: Socket, port: number): void {
    const upstream = connect(port, "127.0.0.1");
    let now: Mischief | undefined;
    for (const [socket, other] of [[client, upstream], [upstream, client]] as const) {
      this.sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    client.on("data", (bytes) => {
      this.requests++;
      now = this.plan.shift();
      if (now === "busy") client.end("HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      else upstream.write(bytes);
    });
    upstream.on("data", (bytes) => (now === "drop" ? client.destroy() : client.write(bytes)));
  }
}
