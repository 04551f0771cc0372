// What a page shows, read from the API and read again when it may have changed. What was read before
// stays in sight meanwhile.

import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { Problem } from "./api/client";
import { follow, type Happening, watchLiveness, type Liveness } from "./api/stream";

export interface Resource<T> {
  data: T | null;
  problem: Problem | null;
  loading: boolean;
  reload: () => void;
}

// `key` says what is read: another one is another thing, null nothing.
export function useResource<T>(key: string | null, read: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const [state, setState] = useState<{ key: string | null; data: T | null; problem: Problem | null }>({
    key: null,
    data: null,
    problem: null,
  });
  const [turn, setTurn] = useState(0);
  const [loading, setLoading] = useState(false);
  const reader = useRef(read);
  reader.current = read;
  useEffect(() => {
    if (key === null) return;
    const asked = new AbortController();
    setLoading(true);
    reader
      .current(asked.signal)
      .then((data) => setState({ key, data, problem: null }))
      .catch((fault: unknown) => {
        if (asked.signal.aborted) return;
        const problem = fault instanceof Problem ? fault : new Problem(0, "fault", String(fault), [], null);
        setState((was) => ({ key, data: was.key === key ? was.data : null, problem }));
      })
      .finally(() => {
        if (!asked.signal.aborted) setLoading(false);
      });
    return () => asked.abort();
  }, [key, turn]);
  const reload = useCallback(() => setTurn((was) => was + 1), []);
  const mine = state.key === key;
  return { data: mine ? state.data : null, problem: mine ? state.problem : null, loading, reload };
}

const settleMs = 350;
const withoutStreamMs = 15_000;

// Reads again soon after something of these types happened to what `concerns` accepts; without a
// stream, every now and then.
export function useLive(types: string[], reload: () => void, concerns?: (happening: Happening) => boolean): void {
  const accept = useRef(concerns);
  accept.current = concerns;
  const patterns = types.join(",");
  useEffect(() => {
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const stop = follow(patterns.split(","), (happening) => {
      if (accept.current && !accept.current(happening)) return;
      waiting ??= setTimeout(() => {
        waiting = undefined;
        reload();
      }, settleMs);
    });
    return () => {
      clearTimeout(waiting);
      stop();
    };
  }, [patterns, reload]);
  const liveness = useLiveness();
  useEffect(() => {
    if (liveness !== "off") return;
    const timer = setInterval(reload, withoutStreamMs);
    return () => clearInterval(timer);
  }, [liveness, reload]);
}

export function useLiveness(): Liveness {
  const [state, setState] = useState<Liveness>("off");
  useEffect(() => watchLiveness(setState), []);
  return state;
}

// Counts up, so that "2 minutes ago" stays true.
export function useNow(everyMs = 30_000): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
