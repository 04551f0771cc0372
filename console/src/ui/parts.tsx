// The small parts that all pages are made of.

import type { ComponentChildren, JSX } from "preact";

import type { Problem } from "../api/client";
import { ago, clock, moment, words } from "../format";
import { useLiveness, useNow } from "../resource";

// The tone of a status says how much it asks of the reader; the word says the rest.
const tones: Record<string, string> = {
  pending: "wait", processing: "busy", on_hold: "warn", partially_shipped: "busy", shipped: "busy",
  delivered: "good", cancelled: "quiet", unpaid: "wait", authorized: "busy", partially_paid: "busy", paid: "good",
  partially_refunded: "warn", refunded: "quiet", failed: "bad", voided: "quiet", unfulfilled: "wait",
  partially_reserved: "busy", reserved: "busy", partially_fulfilled: "busy", fulfilled: "good",
  partially_returned: "warn", returned: "quiet", label_created: "wait", in_transit: "busy",
  out_for_delivery: "busy", exception: "bad", returned_to_sender: "warn", requested: "wait", approved: "busy",
  received: "busy", inspected: "busy", completed: "good", rejected: "quiet", submitted: "wait",
  under_review: "busy", resolved: "good", withdrawn: "quiet", planned: "wait", released: "busy",
  in_progress: "busy", captured: "good", dead: "bad", enabled: "good", disabled: "quiet", active: "good",
  revoked: "quiet", expired: "quiet",
};

export function Status({ of }: { of: string }) {
  return <span class={`status ${tones[of] ?? "quiet"}`}>{words(of)}</span>;
}

export function When({ time }: { time: string }) {
  const now = useNow();
  return (
    <time dateTime={time} title={moment(time)}>
      {ago(time, now)}
    </time>
  );
}

export function At({ time }: { time: string }) {
  return (
    <time dateTime={time} title={moment(time)}>
      {clock(time)}
    </time>
  );
}

export function Live() {
  const state = useLiveness();
  const text = { live: "Live", connecting: "Connecting", off: "Every 15 s" }[state];
  return (
    <span class={`live ${state}`} role="status">
      {text}
    </span>
  );
}

type ButtonProps = JSX.ButtonHTMLAttributes & { tone?: "main" | "danger" | "plain"; busy?: boolean };

export function Button({ tone = "plain", busy = false, children, ...rest }: ButtonProps) {
  return (
    <button type="button" {...rest} class={`button ${tone} ${rest.class ?? ""}`} disabled={rest.disabled || busy}>
      {children}
      {busy && <span class="spinner" aria-hidden="true" />}
    </button>
  );
}

export function Heading({ title, children, after }: {
  title: ComponentChildren;
  children?: ComponentChildren;
  after?: ComponentChildren;
}) {
  return (
    <div class="heading">
      <div class="heading-text">
        <h1 tabIndex={-1}>{title}</h1>
        {after}
      </div>
      {children && <div class="heading-tools">{children}</div>}
    </div>
  );
}

export function Card({ title, tools, children, class: name = "" }: {
  title?: ComponentChildren;
  tools?: ComponentChildren;
  children: ComponentChildren;
  class?: string;
}) {
  return (
    <section class={`card ${name}`}>
      {title && (
        <header>
          <h2>{title}</h2>
          {tools}
        </header>
      )}
      {children}
    </section>
  );
}

export function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children && <p>{children}</p>}
    </div>
  );
}

export function Loading({ rows = 6 }: { rows?: number }) {
  return (
    <div class="loading" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} class="bone" />
      ))}
    </div>
  );
}

export function Trouble({ problem, retry }: { problem: Problem; retry?: () => void }) {
  const forbidden = problem.status === 403;
  return (
    <div class="trouble" role="alert">
      <p class="empty-title">{forbidden ? "You may not see this" : problem.status === 404 ? "There is no such thing" : "This did not work"}</p>
      <p>{problem.detail}</p>
      {problem.requestId && (
        <p class="quiet-text">
          {problem.code} · request <code>{problem.requestId}</code>
        </p>
      )}
      {retry && !forbidden && <Button onClick={retry}>Try again</Button>}
    </div>
  );
}

// Data, or what there is instead of it.
export function Shown<T>({ of, children, empty }: {
  of: { data: T | null; problem: Problem | null; reload: () => void };
  children: (data: T) => ComponentChildren;
  empty?: ComponentChildren;
}) {
  if (of.data !== null) {
    return (
      <>
        {of.problem && <p class="stale" role="status">Not up to date: {of.problem.detail}</p>}
        {children(of.data)}
      </>
    );
  }
  if (of.problem) return <Trouble problem={of.problem} retry={of.reload} />;
  return <>{empty ?? <Loading />}</>;
}

// A choice that stands in the address.
export function Choice({ label, value, options, onChange }: {
  label: string;
  value: string;
  options: string[];
  onChange: (value: string | null) => void;
}) {
  return (
    <span class="choice">
      <select aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value || null)} class={value ? "set" : ""}>
        <option value="">{label}: any</option>
        {options.map((option) => (
          <option key={option} value={option}>
            {words(option)}
          </option>
        ))}
      </select>
    </span>
  );
}

export function Key({ children }: { children: string }) {
  return <kbd>{children}</kbd>;
}
