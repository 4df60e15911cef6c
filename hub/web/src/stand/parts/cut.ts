// Which bars the left edge of what is seen cuts: the text of those alone sticks there. Each text that sticks is a layer
// of its own to the browser, and some hundred of them would cost more of each frame than all the rest of it.

/** How much wider than the column of names the edge is taken to be: a bar is marked before its text would be hidden. */
const EARLY = 24;

const observers = new WeakMap<Element, IntersectionObserver>();

/** How much is left of the bars that are cut: no text may be longer, or its start could not be seen. */
function measureCut(timeline: HTMLElement, names: number): void {
  const edge = timeline.getBoundingClientRect().left + names;
  const cut = [...timeline.querySelectorAll<HTMLElement>(".bar[data-cut]")];
  const left = cut.map((bar) => Math.max(0, Math.floor(bar.getBoundingClientRect().right - edge)));
  for (const [index, bar] of cut.entries()) bar.style.setProperty("--left", `${left[index]}px`);
}

/** Marks the bars of a timeline by what is under its left edge, `names` wide; again whenever its size is another. */
export function markCut(timeline: HTMLElement, names: number): void {
  observers.get(timeline)?.disconnect();
  timeline.onscrollend = () => measureCut(timeline, names);
  const mark: IntersectionObserverCallback = (seen) => {
    for (const { target, isIntersecting } of seen) target.toggleAttribute("data-cut", isIntersecting);
    measureCut(timeline, names);
  };
  const beyond = Math.max(0, Math.floor(timeline.clientWidth - names - EARLY));
  const observer = new IntersectionObserver(mark, { root: timeline, rootMargin: `0px -${beyond}px 0px 0px` });
  observers.set(timeline, observer);
  for (const bar of timeline.querySelectorAll(".bar")) observer.observe(bar);
}

/** As a bar's ref: a bar that came later is marked too. */
export function watchCut(bar: HTMLElement | null): void {
  const timeline = bar?.closest(".timeline");
  if (bar && timeline) observers.get(timeline)?.observe(bar);
}
