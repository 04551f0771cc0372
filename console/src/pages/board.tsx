// Work on its way through a lifecycle: a column for each status, the oldest at the top, since that is
// who waits. A card opens beside the board, so that one does not lose one's place.

import type { ComponentChildren } from "preact";

import { get, type Page, query } from "../api/client";
import { words } from "../format";
import { useLive, useResource } from "../resource";
import { go, Link, type Place } from "../router";
import { Dialog } from "../ui/dialog";
import { Empty, Heading, Live, Shown, When } from "../ui/parts";

const perColumn = 30;

export interface Noun<T> {
  name: string; // "Returns"
  at: string; // "/returns", in the console
  api: string; // "/returns", in the API
  parameters?: Record<string, string>;
  columns: string[];
  finished: string[]; // shown by the newest, and fewer
  events: string[];
  title: (one: T) => string;
  card: (one: T) => ComponentChildren;
  detail: (one: T, reload: () => void) => ComponentChildren;
}

interface Column<T> {
  status: string;
  rows: T[];
  more: boolean;
}

interface Row {
  id: string;
  status: string;
  updated_at: string;
}

async function column<T extends Row>(noun: Noun<T>, status: string, signal: AbortSignal): Promise<Column<T>> {
  const limit = noun.finished.includes(status) ? 10 : perColumn;
  const page = await get<Page<T>>(`${noun.api}${query({ ...noun.parameters, status, limit })}`, signal);
  return { status, rows: page.data, more: page.next_cursor !== null };
}

export function Board<T extends Row>({ noun, place }: { noun: Noun<T>; place: Place }) {
  const columns = useResource(`board ${noun.at}`, (signal) =>
    Promise.all([...noun.columns, ...noun.finished].map((status) => column(noun, status, signal))),
  );
  useLive(noun.events, columns.reload);
  const opened = place.parts[1];
  return (
    <>
      <Heading title={noun.name} after={<Live />} />
      <Shown of={columns}>
        {(data) => (
          <div class="board">
            {data.map((each) => (
              <section key={each.status} class="board-column" aria-label={`${words(each.status)}, ${each.rows.length}${each.more ? " or more" : ""}`}>
                <header>
                  <h2>{words(each.status)}</h2>
                  <span class="count">{each.rows.length}{each.more && "+"}</span>
                </header>
                {each.rows.length === 0 ? (
                  <p class="board-empty">None</p>
                ) : (
                  <ul>
                    {each.rows.map((row) => (
                      <li key={row.id}>
                        <Link to={`${noun.at}/${row.id}`} class="board-card">
                          <span class="strong">{noun.title(row)}</span>
                          {noun.card(row)}
                          <span class="quiet-text when"><When time={row.updated_at} /></span>
                        </Link>
                      </li>
                    ))}
                  </ul>
                )}
              </section>
            ))}
          </div>
        )}
      </Shown>
      {opened && <Opened key={opened} noun={noun} id={opened} changed={columns.reload} />}
    </>
  );
}

function Opened<T extends Row>({ noun, id, changed }: { noun: Noun<T>; id: string; changed: () => void }) {
  const one = useResource(`${noun.at}/${id}`, (signal) => get<T>(`${noun.api}/${encodeURIComponent(id)}`, signal));
  useLive(noun.events, one.reload, (happening) => happening.aggregate_id === id);
  const reload = () => {
    one.reload();
    changed();
  };
  return (
    <Dialog side title={one.data ? noun.title(one.data) : noun.name} close={() => go(noun.at)}>
      <div class="side-body">
        <Shown of={one} empty={<Empty title="Loading" />}>
          {(data) => noun.detail(data, reload)}
        </Shown>
      </div>
    </Dialog>
  );
}
