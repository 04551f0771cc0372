// Asking before something is done: what will happen, what else is needed, and a button that does it
// once. One idempotency key belongs to one intention: pressing again after a lost answer repeats the
// same request; changing a field makes it another one.

import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";

import { newKey, post, Problem } from "../api/client";
import { Dialog } from "./dialog";
import { Button } from "./parts";
import { say } from "./toast";

export interface Field {
  name: string; // of the body
  label: string;
  kind?: "text" | "long" | "choice";
  options?: { value: string; label: string }[];
  hint?: string;
  required?: boolean;
  value?: string;
  pointer?: string; // where the API finds fault with it, when not at /name
}

export interface Question {
  title: string;
  verb: string; // on the button
  danger?: boolean;
  consequences: ComponentChildren;
  fields?: Field[];
  path: string;
  body?: (values: Record<string, string>) => unknown;
  done: string; // said afterwards
}

function bodyOf(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
}

export function Asking({ question, close, after }: {
  question: Question;
  close: () => void;
  after?: (answer: unknown) => void;
}) {
  const fields = question.fields ?? [];
  const [values, setValues] = useState(() =>
    Object.fromEntries(fields.map((field) => [field.name, field.value ?? field.options?.[0]?.value ?? ""])),
  );
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const key = useRef(newKey());

  const set = (name: string, value: string) => {
    setValues((was) => ({ ...was, [name]: value }));
    key.current = newKey();
  };
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const body = question.body ? question.body(values) : bodyOf(values);
      const answer = await post<unknown>(question.path, body, key.current);
      say(question.done);
      close();
      after?.(answer);
    } catch (fault) {
      // What was refused had no effect; an answer that got lost may have had: then the key stays.
      if (fault instanceof Problem) {
        setProblem(fault);
        if (fault.status >= 400 && fault.status < 500) key.current = newKey();
      } else {
        setProblem(new Problem(0, "fault", String(fault), [], null));
      }
      setBusy(false);
    }
  };
  const pointer = (field: Field) => field.pointer ?? `/${field.name}`;
  const elsewhere = problem?.faults.filter((fault) => !fields.some((field) => fault.pointer.startsWith(pointer(field))));

  return (
    <Dialog title={question.title} close={close}>
      <form onSubmit={submit} class="asking">
        <div class="consequences">{question.consequences}</div>
        {fields.map((field, place) => (
          <AskedField
            key={field.name}
            field={field}
            value={values[field.name] ?? ""}
            fault={problem?.at(pointer(field))}
            first={place === 0}
            set={(value) => set(field.name, value)}
          />
        ))}
        {problem && (
          <div class="refusal" role="alert">
            <p>{problem.detail}</p>
            {elsewhere && elsewhere.length > 0 && (
              <ul>
                {elsewhere.map((fault) => (
                  <li key={fault.pointer}>
                    <code>{fault.pointer}</code> {fault.message}
                  </li>
                ))}
              </ul>
            )}
            <p class="quiet-text">{problem.code}</p>
          </div>
        )}
        <footer>
          <Button onClick={close}>Not now</Button>
          <Button tone={question.danger ? "danger" : "main"} type="submit" busy={busy} autofocus={fields.length === 0}>
            {question.verb}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

function AskedField({ field, value, fault, first, set }: {
  field: Field;
  value: string;
  fault: string | undefined;
  first: boolean;
  set: (value: string) => void;
}) {
  const id = `ask-${field.name}`;
  const about = fault ? `${id}-fault` : field.hint ? `${id}-hint` : undefined;
  const common = {
    id,
    value,
    required: field.required,
    autofocus: first,
    "aria-invalid": fault ? ("true" as const) : undefined,
    "aria-describedby": about,
  };
  return (
    <div class="field">
      <label for={id}>
        {field.label}
        {!field.required && field.kind !== "choice" && <span class="quiet-text"> optional</span>}
      </label>
      {field.kind === "choice" ? (
        <select {...common} onChange={(event) => set(event.currentTarget.value)}>
          {field.options!.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      ) : field.kind === "long" ? (
        <textarea {...common} rows={3} onInput={(event) => set(event.currentTarget.value)} />
      ) : (
        <input {...common} autocomplete="off" onInput={(event) => set(event.currentTarget.value)} />
      )}
      {fault ? (
        <p id={`${id}-fault`} class="fault">{fault}</p>
      ) : (
        field.hint && <p id={`${id}-hint`} class="quiet-text">{field.hint}</p>
      )}
    </div>
  );
}
