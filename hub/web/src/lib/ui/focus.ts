// Focus inside an element whose controls come, go and are off while a request of theirs is under way.
import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

/** Where what has the focus goes away, the element itself has it; what was off for a moment has it again after that. */
export function useFocusKept(element: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const root = element.current;
    if (!root) return;
    let last: HTMLElement | null = null;
    const remember = () => {
      const now = document.activeElement as HTMLElement | null;
      last = root.contains(now) ? now : null;
    };
    const forget = ({ target }: Event) => {
      if (!root.contains(target as Node)) last = null;
    };
    const changed = new MutationObserver(() => {
      if (last === null || document.activeElement !== document.body) return;
      if (!last.isConnected) last = root;
      last.focus({ preventScroll: true });
    });
    remember();
    document.addEventListener("focusin", remember);
    document.addEventListener("pointerdown", forget);
    changed.observe(root, { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled"] });
    return () => {
      document.removeEventListener("focusin", remember);
      document.removeEventListener("pointerdown", forget);
      changed.disconnect();
    };
  }, []);
}
