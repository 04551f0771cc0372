// Who is signed in, in this tab and in the others.
//
// Where credentials lie: in memory, and in sessionStorage so that a reload keeps them. Never in
// localStorage or a cookie: nothing outlives the browser's window, nothing is sent by itself, and
// the page's policy lets no foreign script read it. A new tab asks its siblings for the session.
//
// A refresh token counts once. Tabs therefore refresh under one lock and tell each other the
// successor; whoever comes late finds it and asks no more.

export interface Tokens {
  kind: "tokens";
  access: string;
  refresh: string;
  expiresAt: number; // milliseconds of this machine's clock
}
export interface Key {
  kind: "key";
  key: string;
}
export type Credential = Tokens | Key;

interface TokenAnswer {
  access_token: string;
  refresh_token: string;
  expires_in: number;
}

type Message = { say: "who?" } | { say: "session"; credential: Credential } | { say: "out" };

const place = "stateset.session";
const renewAheadMs = 60_000;
const siblingsAnswerMs = 120;

const siblings = "BroadcastChannel" in globalThis ? new BroadcastChannel(place) : null;
const listeners = new Set<() => void>();
let current: Credential | null = null;
let renewing: Promise<Credential | null> | null = null;

export const session = {
  get credential(): Credential | null {
    return current;
  },
  onChange(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

function keep(credential: Credential | null, tell: boolean): void {
  const was = current;
  current = credential;
  if (credential) sessionStorage.setItem(place, JSON.stringify(credential));
  else sessionStorage.removeItem(place);
  if (tell) siblings?.postMessage(credential ? { say: "session", credential } : { say: "out" });
  if (!was !== !credential) listeners.forEach((listener) => listener());
}

function newer(a: Credential | null, b: Credential | null): Credential | null {
  if (a?.kind === "tokens" && b?.kind === "tokens") return b.expiresAt > a.expiresAt ? b : a;
  return a ?? b;
}

siblings?.addEventListener("message", ({ data }: MessageEvent<Message>) => {
  if (data.say === "who?" && current) siblings.postMessage({ say: "session", credential: current });
  if (data.say === "session") keep(newer(data.credential, current), false);
  if (data.say === "out" && current) keep(null, false);
});

// What a sibling knows is newer than what a reloaded or duplicated tab remembers.
export async function restore(): Promise<void> {
  const remembered = sessionStorage.getItem(place);
  siblings?.postMessage({ say: "who?" });
  if (siblings) await new Promise((done) => setTimeout(done, siblingsAnswerMs));
  if (!current && remembered) keep(JSON.parse(remembered) as Credential, false);
}

function tokens(answer: TokenAnswer): Tokens {
  return {
    kind: "tokens",
    access: answer.access_token,
    refresh: answer.refresh_token,
    expiresAt: Date.now() + answer.expires_in * 1000,
  };
}

export async function signIn(email: string, password: string): Promise<Response> {
  const response = await fetch("/api/v1/auth/login", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ email, password }),
  });
  if (response.ok) keep(tokens((await response.clone().json()) as TokenAnswer), true);
  return response;
}

export async function signInWithKey(key: string): Promise<Response> {
  const response = await fetch("/api/v1/auth/me", { headers: { Authorization: `Bearer ${key}` } });
  if (response.ok) keep({ kind: "key", key }, true);
  return response;
}

export async function signOut(): Promise<void> {
  const credential = current;
  keep(null, true);
  if (credential?.kind !== "tokens") return;
  await fetch("/api/v1/auth/logout", {
    method: "POST",
    headers: { Authorization: `Bearer ${credential.access}` },
  }).catch(() => undefined); // the token ends by itself within the hour
}

export function forget(): void {
  keep(null, true);
}

async function renewed(stale: Tokens): Promise<Credential | null> {
  if (current !== stale) return current; // another tab, or another request, was faster
  const response = await fetch("/api/v1/auth/refresh", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ refresh_token: stale.refresh }),
  });
  if (response.ok) keep(tokens((await response.json()) as TokenAnswer), true);
  else if (response.status === 401 || response.status === 403) keep(null, true);
  return current;
}

// Locks exist only on https and on this machine; elsewhere each tab takes its own chances.
async function alone(act: () => Promise<Credential | null>): Promise<Credential | null> {
  return navigator.locks ? await navigator.locks.request(place, act) : await act();
}

export function renew(stale: Tokens): Promise<Credential | null> {
  if (current !== stale) return Promise.resolve(current);
  renewing ??= alone(() => renewed(stale)).finally(() => (renewing = null));
  return renewing;
}

// The credential to send now, renewed when it is about to end.
export async function credentialForNow(): Promise<string | null> {
  let credential = current;
  if (credential?.kind === "tokens" && credential.expiresAt - Date.now() < renewAheadMs) {
    credential = await renew(credential);
  }
  return credential ? (credential.kind === "key" ? credential.key : credential.access) : null;
}
