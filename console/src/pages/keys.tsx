import { useRef, useState } from "preact/hooks";

import { get, newKey, type Page, Problem, query, send } from "../api/client";
import type { ApiKey } from "../api/types";
import { moment } from "../format";
import { useResource } from "../resource";
import { change, type Place } from "../router";
import { Asking, type Question } from "../ui/ask";
import { Dialog } from "../ui/dialog";
import { Button, Choice, Empty, Heading, Shown, Status, When } from "../ui/parts";
import { say } from "../ui/toast";

type WithKey = ApiKey & { key: string };

export function Keys({ place }: { place: Place }) {
  const status = place.parameters.get("status");
  const keys = useResource(`keys ${status}`, (signal) => get<Page<ApiKey>>(`/api-keys${query({ limit: 100, status })}`, signal));
  const [asked, setAsked] = useState<Question | null>(null);
  const [made, setMade] = useState<WithKey | null>(null);
  const [ended, setEnded] = useState<ApiKey | null>(null);
  const show = (answer: unknown) => {
    setMade(answer as WithKey);
    keys.reload();
  };
  return (
    <>
      <Heading title="API keys"><Button tone="main" onClick={() => setAsked(creation)}>Create key</Button></Heading>
      <div class="filters">
        <Choice label="Status" value={status ?? ""} options={["active", "revoked"]} onChange={(value) => change({ status: value })} />
      </div>
      <Shown of={keys}>
        {(page) =>
          page.data.length === 0 ? (
            <Empty title="No keys">A key lets a program in with its own permissions, never more than yours.</Empty>
          ) : (
            <table class="list" data-list>
              <thead>
                <tr><th scope="col">Name</th><th scope="col">Key</th><th scope="col">Status</th><th scope="col">May</th><th scope="col">Last used</th><th scope="col">Ends</th><th scope="col"><span class="visually-hidden">Actions</span></th></tr>
              </thead>
              <tbody>
                {page.data.map((one) => (
                  <tr key={one.id}>
                    <td class="strong">{one.name}</td>
                    <td data-name="Key"><code>{one.prefix}…</code></td>
                    <td><Status of={one.status} /></td>
                    <td class="clip" data-name="May" title={one.scopes.join(", ")}>{one.scopes.join(", ")}</td>
                    <td class="quiet-text" data-name="Last used">{one.last_used_at ? <When time={one.last_used_at} /> : "never"}</td>
                    <td class="quiet-text" data-name="Ends">{one.expires_at ? moment(one.expires_at) : "never"}</td>
                    <td class="row-tools">
                      {one.status === "active" && (
                        <div class="moves compact">
                          <Button onClick={() => setAsked(rotation(one))}>Rotate</Button>
                          <Button class="risky" onClick={() => setEnded(one)}>Revoke</Button>
                        </div>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </Shown>
      {asked && <Asking question={asked} close={() => setAsked(null)} after={show} />}
      {made?.key && <ShownOnce made={made} close={() => setMade(null)} />}
      {ended && <Revoking one={ended} close={() => setEnded(null)} after={keys.reload} />}
    </>
  );
}

const creation: Question = {
  title: "Create an API key",
  verb: "Create key",
  consequences: <p>The key is shown once, right after it is made. It can do what you grant it, and never more than you may.</p>,
  fields: [
    { name: "name", label: "Name", required: true, hint: "What uses it, for example “web shop”." },
    { name: "scopes", label: "May", required: true, value: "orders:read", hint: "Permissions separated by spaces, such as orders:read inventory:*" },
    { name: "expires_at", label: "Ends", hint: "A day such as 2027-01-31. Never unless given." },
  ],
  body: ({ name, scopes, expires_at }) => ({
    name,
    scopes: scopes!.split(/[\s,]+/).filter(Boolean),
    ...(expires_at ? { expires_at: /^\d{4}-\d\d-\d\d$/.test(expires_at) ? `${expires_at}T00:00:00Z` : expires_at } : {}),
  }),
  path: "/api-keys",
  done: "Key made",
};

function rotation(one: ApiKey): Question {
  return {
    title: `Rotate ${one.name}`,
    verb: "Rotate",
    danger: true,
    consequences: <p>Makes a new key with the same permissions and shows it once. The old one stops working at once.</p>,
    path: `/api-keys/${one.id}/rotate`,
    body: () => ({}),
    done: `${one.name}: new key made`,
  };
}

function ShownOnce({ made, close }: { made: WithKey; close: () => void }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard?.writeText(made.key).then(() => setCopied(true), () => undefined);
  };
  return (
    <Dialog title={`The key of ${made.name}`} close={close}>
      <div class="asking">
        <div class="consequences"><p>Keep it where only you can read it. It is not shown again.</p></div>
        <p class="secret"><code data-secret>{made.key}</code></p>
        <footer>
          <Button onClick={copy}>{copied ? "Copied" : "Copy"}</Button>
          <Button tone="main" onClick={close} autofocus>I have it</Button>
        </footer>
      </div>
    </Dialog>
  );
}

function Revoking({ one, close, after }: { one: ApiKey; close: () => void; after: () => void }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const key = useRef(newKey());
  const revoke = async () => {
    setBusy(true);
    try {
      await send(`/api-keys/${one.id}`, { method: "DELETE", key: key.current });
      say(`${one.name}: revoked`);
      close();
      after();
    } catch (fault) {
      setProblem(fault as Problem);
      setBusy(false);
    }
  };
  return (
    <Dialog title={`Revoke ${one.name}`} close={close}>
      <div class="asking">
        <div class="consequences"><p>Whatever uses this key is refused at once, everywhere within a second. This cannot be undone.</p></div>
        {problem && <p class="refusal" role="alert">{problem.detail}</p>}
        <footer>
          <Button onClick={close}>Not now</Button>
          <Button tone="danger" busy={busy} onClick={revoke} autofocus>Revoke</Button>
        </footer>
      </div>
    </Dialog>
  );
}
