// A line that says what was done, and goes by itself.

import { useEffect, useState } from "preact/hooks";

const shownMs = 5000;
let show: (text: string) => void = () => undefined;

export function say(text: string): void {
  show(text);
}

export function Toasts() {
  const [lines, setLines] = useState<{ id: number; text: string }[]>([]);
  useEffect(() => {
    let next = 0;
    show = (text) => {
      const id = ++next;
      setLines((was) => [...was.slice(-2), { id, text }]);
      setTimeout(() => setLines((was) => was.filter((line) => line.id !== id)), shownMs);
    };
  }, []);
  return (
    <div class="toasts" role="status" aria-live="polite">
      {lines.map((line) => (
        <p key={line.id}>{line.text}</p>
      ))}
    </div>
  );
}
