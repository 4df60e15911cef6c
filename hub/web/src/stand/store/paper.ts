// The hub's own printable page, in a window of its own; it needs the token, so it is not a plain link.
import { api, formats, language, words } from "./app.ts";
import { attempt } from "./writes.ts";

const STYLE = /<style>(.*?)<\/style>/s;

/** False: the browser lets no window open. */
export function openPaper(place: string, day: string, since: string): boolean {
  // Before anything is awaited: later a browser takes it for a window that nobody asked for.
  const paper = open("", "_blank");
  if (!paper) return false;
  paper.opener = null;
  paper.document.open();
  paper.document.write("<!doctype html>"); // by the rules of today a table has the size of letters that is around it
  paper.document.close();
  paper.document.body.textContent = words.value.loading;
  void attempt(place, () =>
    api.text(`/print/${day}?${new URLSearchParams({ since, language: language.value, clock: formats.value.hours })}`),
  ).then((text) => {
    if (text === null) paper.close();
    else draw(paper as Window & typeof globalThis, text);
  });
  return true;
}

/** A window that a page opens has the page's policy, which lets no style stand in a document: it is given beside it. */
function draw(paper: Window & typeof globalThis, text: string): void {
  const sheet = new paper.CSSStyleSheet();
  const body = text.replace(STYLE, (_, rules: string) => {
    sheet.replaceSync(rules);
    return "";
  });
  const read = new DOMParser().parseFromString(body, "text/html");
  const { document } = paper;
  document.adoptedStyleSheets = [sheet];
  document.documentElement.lang = read.documentElement.lang;
  document.title = read.title;
  document.body.replaceWith(document.adoptNode(read.body));
}
