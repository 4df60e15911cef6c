// Of which venue a page is. The installation's own venue is at /, and another's pages, calls and live channel all stand
// behind its prefix, as /v/soho/stand does.

/** What stands before each path of the venue whose page this is: "/v/soho", or "". */
export const prefixOf = (pathname: string): string => /^\/v\/[^/]+/.exec(pathname)?.[0] ?? "";

export const prefix = prefixOf(globalThis.location?.pathname ?? "/");

/** Where the venue's live channel is; without a prefix of their own, channels are the venue's there. */
export function liveUrl(): string {
  const url = new URL(`${prefix}/live`, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
