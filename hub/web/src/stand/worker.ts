// The service worker of a venue's stand: the page opens while the hub can't be reached. What the hub says is never answered from
// here: only the page and its files are kept, the page asked for anew each time, the files (immutable names) once.
const ASSET = /\/assets\/[\w.-]+/g;

interface WorkerScope extends EventTarget {
  registration: { scope: string };
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
}

interface LifeEvent extends Event {
  waitUntil(promise: Promise<unknown>): void;
}

interface AskEvent extends LifeEvent {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}

const scope = globalThis as unknown as WorkerScope;
/** "/stand", or another venue's: each has a worker and a cache of its own. */
const PAGE = new URL(scope.registration.scope).pathname;
const CACHE = `stand-1${PAGE}`;

/** Keeps the page, and the files that it and its style name; files of an earlier build go. */
async function keep(answer: Response): Promise<void> {
  const cache = await caches.open(CACHE);
  const wanted = new Set((await answer.clone().text()).match(ASSET) ?? []);
  await cache.put(PAGE, answer);
  for (const path of wanted) if (!(await cache.match(path))) await cache.add(path);
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname !== PAGE && !wanted.has(pathname)) await cache.delete(request);
  }
}

async function page(event: AskEvent): Promise<Response> {
  try {
    const answer = await fetch(event.request);
    if (answer.ok) event.waitUntil(keep(answer.clone()));
    return answer;
  } catch (error) {
    const kept = await caches.match(PAGE);
    if (kept) return kept;
    throw error;
  }
}

scope.addEventListener("install", (event) => {
  (event as LifeEvent).waitUntil(
    fetch(PAGE)
      .then(keep)
      .then(() => scope.skipWaiting()),
  );
});
scope.addEventListener("activate", (event) => (event as LifeEvent).waitUntil(scope.clients.claim()));
scope.addEventListener("fetch", (event) => {
  const ask = event as AskEvent;
  const { pathname } = new URL(ask.request.url);
  if (ask.request.mode === "navigate" && pathname === PAGE) ask.respondWith(page(ask));
  else if (pathname.startsWith("/assets/"))
    ask.respondWith(caches.match(ask.request).then((kept) => kept ?? fetch(ask.request)));
});
