// The hub's own printable page, in a window of its own; it needs the token, so it is not a plain link.
import { api, formats, language, words } from "./app.ts";
import { attempt } from "./writes.ts";

const STYLE = /<style>(.*?)<\/style>/s;

/** False: the browser lets no window open. */
export function openPaper(place: string, day: string, since: string): boolean {
  let opened = blank();
  if (!opened) return false;
  const wanted = new URLSearchParams({ since, language: language.value, clock: formats.value.hours });
  void attempt(place, async () => {
    const paper = opened ?? blank(); // when it is tried again the first one is closed
    opened = null;
    if (!paper) return;
    try {
      draw(paper, await api.text(`/print/${day}?${wanted}`));
    } catch (problem) {
      paper.close();
      throw problem;
    }
  });
  return true;
}

/** Before anything is awaited: later a browser takes it for a window that nobody asked for. */
function blank(): (Window & typeof globalThis) | null {
  const paper = open("", "_blank");
  if (!paper) return null;
  paper.opener = null;
  paper.document.open();
  paper.document.write("<!doctype html>"); // by the rules of today a table has the size of letters that is around it
  paper.document.close();
  paper.document.body.textContent = words.value.loading;
  return paper as Window & typeof globalThis;
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
