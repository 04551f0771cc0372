import { useState } from "preact/hooks";

import { get } from "../api/client";
import { may, useCaller } from "../api/me";
import type { Attention as Found, Case } from "../api/types";
import { useLive, useResource } from "../resource";
import { change, Link, type Place } from "../router";
import { Asking, type Question } from "../ui/ask";
import { Button, Card, Empty, Heading, Live, Shown, When } from "../ui/parts";

export function Attention({ place }: { place: Place }) {
  const kind = place.parameters.get("kind");
  const found = useResource<Found>(`attention ${kind}`, (signal) =>
    get(kind ? `/ops/attention?limit=100&kind=${encodeURIComponent(kind)}` : "/ops/attention", signal),
  );
  useLive(["order.*", "payment.*", "refund.*", "shipment.*", "inventory.*", "work_order.*", "webhook.*"], found.reload);
  return (
    <>
      <Heading title="Needs attention" after={<Live />}>
        {kind && <Button onClick={() => change({ kind: null })}>All kinds</Button>}
        <Button onClick={found.reload}>Look again</Button>
      </Heading>
      <Shown of={found}>
        {(data) => (
          <>
            {data.found === 0 && (
              <Empty title="Nothing is stuck">
                Looked for: {data.kinds.map((each) => each.title.toLowerCase()).join(" · ")}.
              </Empty>
            )}
            <div class="stack">
              {data.kinds.filter((each) => each.found > 0).map((each) => (
                <Card
                  key={each.kind}
                  title={<>{each.title} <span class="count warn">{each.found}{each.more && "+"}</span></>}
                  tools={each.more && !kind ? <Link to={`/attention?kind=${each.kind}`}>More</Link> : undefined}
                >
                  <ul class="cases">
                    {each.cases.map((one) => <CaseRow key={one.id} case={one} after={found.reload} />)}
                  </ul>
                </Card>
              ))}
            </div>
          </>
        )}
      </Shown>
    </>
  );
}

function CaseRow({ case: one, after }: { case: Case; after: () => void }) {
  const caller = useCaller();
  const [asked, setAsked] = useState<Question | null>(null);
  const action = one.safe_action;
  const own = one.links.console.replace(/^\/console/, "");
  const acts = action.http_method === "POST" && may(caller, action.permission);
  return (
    <li>
      <div class="grow">
        <Link to={own} class="strong">{one.label}</Link>
        <p>{one.reason}</p>
      </div>
      <span class="quiet-text when"><When time={one.since} /></span>
      {acts ? (
        <Button
          onClick={() =>
            setAsked({
              title: `${action.advice}: ${one.label}`,
              verb: action.advice,
              consequences: <p>{one.reason}</p>,
              path: action.path.replace("/api/v1", ""),
              done: `${one.label}: done`,
            })
          }
        >
          {action.advice}
        </Button>
      ) : (
        <span class="advice">{action.advice}</span>
      )}
      {asked && <Asking question={asked} close={() => setAsked(null)} after={after} />}
    </li>
  );
}
