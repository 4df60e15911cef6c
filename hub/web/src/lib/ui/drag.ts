// A drag by pointer events: with a mouse it begins after a few pixels, with a finger after a moment of rest, so that a
// list still scrolls under it. The browser's own drag and drop shows nothing while a finger moves, which is why not.

export interface DragActs {
  /** It begins; false: not this one. */
  begin: () => boolean;
  move: (x: number, y: number) => void;
  drop: () => void;
  leave: () => void;
}

const SLACK = 5;
const REST_MS = 260;
const EDGE = 40;

/** To be called on pointerdown. A drag that happened swallows the click that would follow it. */
export function followDrag(down: PointerEvent, acts: DragActs, scroller: HTMLElement | null = null): void {
  if (down.button !== 0) return;
  const isTouch = down.pointerType === "touch";
  let began = false;
  const stop = new AbortController();
  const { signal } = stop;
  const rest = isTouch ? setTimeout(() => start(), REST_MS) : undefined;

  function start(): void {
    if (began) return;
    began = acts.begin();
    if (!began) end();
    else acts.move(down.clientX, down.clientY);
  }

  function end(): void {
    clearTimeout(rest);
    stop.abort();
  }

  function nearEdge(x: number, y: number): void {
    if (!scroller) return;
    const box = scroller.getBoundingClientRect();
    const push = (at: number, from: number, to: number) => (at < from + EDGE ? -8 : at > to - EDGE ? 8 : 0);
    scroller.scrollBy(push(x, box.left, box.right), push(y, box.top, box.bottom));
  }

  addEventListener(
    "pointermove",
    (event) => {
      if (event.pointerId !== down.pointerId) return;
      const far = Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) > SLACK;
      if (!began && isTouch && far) end();
      else if (!began && !isTouch && far) start();
      if (!began || signal.aborted) return;
      nearEdge(event.clientX, event.clientY);
      acts.move(event.clientX, event.clientY);
    },
    { signal },
  );
  // Once it has begun the finger moves the thing and not the list.
  addEventListener("touchmove", (event) => began && event.cancelable && event.preventDefault(), {
    signal,
    passive: false,
  });
  const over = (act: () => void) => (event: Event) => {
    if (event instanceof PointerEvent && event.pointerId !== down.pointerId) return;
    end();
    if (!began) return;
    act();
    const swallow = (click: Event) => {
      click.preventDefault();
      click.stopPropagation();
    };
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }), 0);
  };
  addEventListener("pointerup", over(acts.drop), { signal });
  addEventListener("pointercancel", over(acts.leave), { signal });
  addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Escape" && began) over(acts.leave)(event);
    },
    { signal, capture: true },
  );
}
