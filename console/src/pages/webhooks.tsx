import { get, type Page, query } from "../api/client";
import type { Delivery, Endpoint } from "../api/types";
import { figure } from "../format";
import { useLive, useResource } from "../resource";
import { change, go, Link, type Place } from "../router";
import { Dialog } from "../ui/dialog";
import { Moves } from "../ui/moves";
import { Button, Card, Choice, Empty, Fact, Heading, Shown, Status, When } from "../ui/parts";

export function Webhooks({ place }: { place: Place }) {
  const at = (name: string) => place.parameters.get(name);
  const endpoints = useResource("endpoints", (signal) => get<Page<Endpoint>>("/webhooks/endpoints?limit=100", signal));
  const filter = query({ status: at("status"), endpoint_id: at("endpoint_id"), event_type: at("event_type"), cursor: at("cursor"), limit: 50 });
  const deliveries = useResource(`deliveries ${filter}`, (signal) => get<Page<Delivery>>(`/webhooks/deliveries${filter}`, signal));
  const reload = () => {
    deliveries.reload();
    endpoints.reload();
  };
  useLive(["*"], deliveries.reload);
  const url = (id: string) => endpoints.data?.data.find((each) => each.id === id)?.url ?? "";
  return (
    <>
      <Heading title="Webhooks"><Button onClick={reload}>Look again</Button></Heading>
      <Card title="Endpoints">
        <Shown of={endpoints}>
          {(page) =>
            page.data.length === 0 ? (
              <Empty title="Nobody listens">An endpoint is made through the API: POST /api/v1/webhooks/endpoints.</Empty>
            ) : (
              <ul class="cases">
                {page.data.map((endpoint) => (
                  <li key={endpoint.id}>
                    <div class="grow">
                      <span class="strong wrap">{endpoint.url}</span> <Status of={endpoint.status} />
                      <p class="quiet-text">
                        {endpoint.events.join(", ")}
                        {endpoint.disabled_reason && ` · ${endpoint.disabled_reason.replace("_", " ")}`}
                        {endpoint.failing_since && <> · failing since <When time={endpoint.failing_since} /></>}
                      </p>
                    </div>
                    <Moves resource="/webhooks/endpoints" id={endpoint.id} status={endpoint.status} label={endpoint.url} after={reload} compact />
                  </li>
                ))}
              </ul>
            )
          }
        </Shown>
      </Card>
      <h2 class="section">Deliveries</h2>
      <div class="filters">
        <Choice label="Status" value={at("status") ?? ""} options={["pending", "delivered", "dead"]} onChange={(status) => change({ status, cursor: null })} />
        {endpoints.data && endpoints.data.data.length > 1 && (
          <span class="choice"><select aria-label="Endpoint" value={at("endpoint_id") ?? ""} class={at("endpoint_id") ? "set" : ""} onChange={(event) => change({ endpoint_id: event.currentTarget.value || null, cursor: null })}>
              <option value="">Endpoint: any</option>
              {endpoints.data.data.map((each) => <option key={each.id} value={each.id}>{each.url}</option>)}
            </select></span>
        )}
      </div>
      <Shown of={deliveries}>
        {(page) => (
          <>
            {page.data.length === 0 ? (
              <Empty title="No deliveries">{filter.includes("status") ? "None has this status." : "Each event that an endpoint listens to makes one."}</Empty>
            ) : (
              <table class="list" data-list>
                <thead>
                  <tr>
                    <th scope="col">Event</th><th scope="col">Status</th><th scope="col" class="number">Attempts</th><th scope="col">Last answer</th><th scope="col">Made</th><th scope="col"><span class="visually-hidden">Actions</span></th>
                  </tr>
                </thead>
                <tbody>
                  {page.data.map((one) => (
                    <tr key={one.id}>
                      <td><Link to={`/webhooks/${one.id}${location.search}`} class="row-link strong">{one.event_type}</Link><span class="quiet-text block clip">{url(one.endpoint_id)}</span></td>
                      <td><Status of={one.status} /></td>
                      <td class="number" data-name="Attempts">{one.attempts.length}</td>
                      <td class="clip" data-name="Last answer">{answer(one)}</td>
                      <td class="quiet-text when"><When time={one.created_at} /></td>
                      <td class="row-tools">{one.status !== "delivered" && <Moves resource="/webhooks/deliveries" id={one.id} status={one.status} label={one.event_type} after={deliveries.reload} compact />}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            )}
            <div class="more">
              {at("cursor") && <Button onClick={() => change({ cursor: null })}>Newest</Button>}
              {page.next_cursor && <Button onClick={() => change({ cursor: page.next_cursor })}>Older</Button>}
            </div>
          </>
        )}
      </Shown>
      {place.parts[1] && <One key={place.parts[1]} id={place.parts[1]} url={url} changed={deliveries.reload} />}
    </>
  );
}

function answer(one: Delivery): string {
  const last = one.attempts.at(-1);
  if (!last) return "not tried yet";
  return last.error ?? `${last.status_code} in ${figure(last.duration_ms)} ms`;
}

function One({ id, url, changed }: { id: string; url: (id: string) => string; changed: () => void }) {
  const one = useResource(`delivery ${id}`, (signal) => get<Delivery>(`/webhooks/deliveries/${encodeURIComponent(id)}`, signal));
  const reload = () => {
    one.reload();
    changed();
  };
  return (
    <Dialog side title={one.data?.event_type ?? "Delivery"} close={() => go(`/webhooks${location.search}`)}>
      <div class="side-body">
        <Shown of={one}>
          {(data) => (
            <>
              <Moves resource="/webhooks/deliveries" id={data.id} status={data.status} label={data.event_type} after={reload} />
              <dl class="facts">
                <Fact name="Status"><Status of={data.status} /></Fact>
                <Fact name="Endpoint"><span class="wrap">{url(data.endpoint_id)}</span></Fact>
                <Fact name="webhook-id"><code class="wrap">{data.event_id}</code></Fact>
                {data.next_attempt_at && <Fact name="Next attempt"><When time={data.next_attempt_at} /></Fact>}
              </dl>
              <h3>Attempts</h3>
              {data.attempts.length === 0 && <Empty title="Not tried yet" />}
              <ol class="timeline">
                {[...data.attempts].reverse().map((attempt, place) => (
                  <li key={place}>
                    <div>
                      <span class="what">{attempt.status_code ?? "No answer"}</span>
                      {attempt.error && <span class="fault block">{attempt.error}</span>}
                      <span class="quiet-text block"><When time={attempt.attempted_at} /> · {figure(attempt.duration_ms)} ms</span>
                    </div>
                  </li>
                ))}
              </ol>
            </>
          )}
        </Shown>
      </div>
    </Dialog>
  );
}
