// Dialogs are the browser's own: it keeps the focus inside, closes on Escape and gives the focus back.

import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

import { Icon } from "./icons";

export function Dialog({ title, close, children, side = false, class: name = "" }: {
  title: ComponentChildren;
  close: () => void;
  children: ComponentChildren;
  side?: boolean;
  class?: string;
}) {
  const frame = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = frame.current!;
    const before = document.activeElement as HTMLElement | null;
    dialog.showModal();
    return () => {
      dialog.close();
      before?.focus?.();
    };
  }, []);
  return (
    <dialog
      ref={frame}
      class={`${side ? "side" : "middle"} ${name}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        event.stopPropagation(); // one may stand inside another
        close();
      }}
      onClick={(event) => event.target === frame.current && close()}
    >
      <div class="dialog-frame">
        <header>
          <h2 id={titleId}>{title}</h2>
          <button type="button" class="icon-button" aria-label="Close" onClick={close}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
