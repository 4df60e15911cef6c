// Buttons: one that can be off without losing the focus, and one that asks once more in its own place.
import { useSignal } from "@preact/signals";
import type { ButtonHTMLAttributes, ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

type Button = Omit<ButtonHTMLAttributes<HTMLButtonElement>, "disabled" | "type">;

interface ActProps extends Button {
  /** Nothing happens on a press; it keeps the focus, and says that it is off. */
  off?: boolean;
  type?: "button" | "submit";
}

export function Act({ off = false, onClick, type = "button", ...rest }: ActProps) {
  return (
    <button
      {...rest}
      type={type}
      aria-disabled={off ? "true" : undefined}
      onClick={(event) => {
        if (off) event.preventDefault();
        else onClick?.(event);
      }}
    />
  );
}

interface CarefulProps {
  question: string;
  act: () => void;
  off?: boolean;
  label?: string;
  children: ComponentChildren;
}

const CALM_MS = 4_000;

export function CarefulAct({ question, act, off = false, label, children }: CarefulProps) {
  const asks = useSignal(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const calm = () => {
    clearTimeout(timer.current);
    asks.value = false;
  };
  useEffect(() => calm, []);
  return (
    <>
      <Act
        class={asks.value ? "danger sure" : "quiet danger"}
        off={off}
        // While it asks, the question is its name.
        aria-label={asks.value ? undefined : label}
        onBlur={calm}
        onClick={() => {
          if (asks.value) {
            calm();
            act();
            return;
          }
          asks.value = true;
          timer.current = setTimeout(calm, CALM_MS);
        }}
      >
        {asks.value ? question : children}
      </Act>
      <span class="unseen" role="status">
        {asks.value ? question : ""}
      </span>
    </>
  );
}
