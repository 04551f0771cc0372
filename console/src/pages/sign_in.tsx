import { useState } from "preact/hooks";

import { Problem, problemOf } from "../api/client";
import { signIn, signInWithKey } from "../api/session";
import { Button } from "../ui/parts";

export function SignIn() {
  const [way, setWay] = useState<"password" | "key">("password");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(form.get(name) ?? "");
    setBusy(true);
    setProblem(null);
    try {
      const response = way === "key" ? await signInWithKey(text("key").trim()) : await signIn(text("email").trim(), text("password"));
      if (!response.ok) setProblem(await problemOf(response));
    } catch {
      setProblem(new Problem(0, "unreachable", "The server cannot be reached.", [], null));
    }
    setBusy(false);
  };
  return (
    <main class="door">
      <form class="card" onSubmit={submit}>
        <p class="brand"><span class="brand-mark" aria-hidden="true" />StateSet</p>
        <h1>Sign in to operations</h1>
        <div class="ways" role="group" aria-label="How to sign in">
          <button type="button" aria-pressed={way === "password"} onClick={() => setWay("password")}>E-mail</button>
          <button type="button" aria-pressed={way === "key"} onClick={() => setWay("key")}>API key</button>
        </div>
        {way === "password" ? (
          <>
            <div class="field">
              <label for="email">E-mail</label>
              <input id="email" name="email" type="email" autocomplete="username" required autofocus />
            </div>
            <div class="field">
              <label for="password">Password</label>
              <input id="password" name="password" type="password" autocomplete="current-password" required />
            </div>
          </>
        ) : (
          <div class="field">
            <label for="key">API key</label>
            <input id="key" name="key" type="password" autocomplete="off" required placeholder="sk_live_…" autofocus />
            <p class="quiet-text">The console can do what the key may do, and nothing more.</p>
          </div>
        )}
        {problem && <p class="refusal" role="alert">{problem.detail}</p>}
        <Button tone="main" type="submit" busy={busy}>Sign in</Button>
      </form>
      <p class="quiet-text">Kept until this window closes. <a href="/docs/">About the API</a></p>
    </main>
  );
}
