import { get, type Page } from "../api/client";
import type { Happening } from "../api/stream";
import { moment, words } from "../format";
import { At } from "../ui/parts";

const mostPages = 5;

export async function wholeTimeline(order: string, signal: AbortSignal): Promise<Happening[]> {
  const all: Happening[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < mostPages; ++page) {
    const more: string = cursor ? `?cursor=${encodeURIComponent(cursor)}` : "";
    const next: Page<Happening> = await get(`/orders/${order}/timeline${more}`, signal);
    all.push(...next.data);
    cursor = next.next_cursor;
    if (!cursor) break;
  }
  return all;
}

function about(happening: Happening): string | null {
  const data = happening.data ?? {};
  const text = (name: string) => (typeof data[name] === "string" || typeof data[name] === "number" ? String(data[name]) : null);
  if (happening.type.startsWith("payment.")) return [text("amount"), text("currency"), text("failure_code")].filter(Boolean).join(" ");
  if (happening.type.startsWith("shipment.")) return text("tracking_number");
  if (happening.type.startsWith("inventory.")) return text("quantity") ? `${text("quantity")} of item ${text("item_id")}` : null;
  if (happening.type.startsWith("return.")) return text("rma_number");
  return text("hold_reason") ?? text("cancel_reason");
}

function whose(actor: string): string {
  if (actor === "system") return "by itself";
  return actor.startsWith("api_key:") ? "by an API key" : "by a user";
}

// Newest first: what just happened is what one looks for. What happened to several lines at once is
// one entry.
export function Timeline({ happenings }: { happenings: Happening[] }) {
  const entries: { first: Happening; count: number }[] = [];
  for (const happening of happenings) {
    const last = entries.at(-1);
    if (last && last.first.type === happening.type && last.first.occurred_at === happening.occurred_at) ++last.count;
    else entries.push({ first: happening, count: 1 });
  }
  let day = "";
  return (
    <ol class="timeline" aria-live="polite" aria-relevant="additions">
      {entries.reverse().map(({ first, count }) => {
        const date = moment(first.occurred_at).split(",")[0]!;
        const newDay = date !== day;
        day = date;
        return (
          <li key={first.id} class={first.type.split(".")[0]}>
            <div>
              <span class="what">{words(first.type)}{count > 1 && <span class="quiet-text"> × {count}</span>}</span>
              {about(first) && count === 1 && <span class="quiet-text block">{about(first)}</span>}
              <span class="quiet-text block">{newDay && `${date} `}<At time={first.occurred_at} /> {whose(first.actor)}</span>
            </div>
          </li>
        );
      })}
    </ol>
  );
}
