import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { en } from "./en.ts";
import { localeOf, pickLanguage } from "./language.ts";
import { ru } from "./ru.ts";

test("the person's choice, then the browser's, then the venue's", () => {
  expect(pickLanguage("ru", ["en"], ["en"])).toBe("ru");
  expect(pickLanguage(null, ["de", "ru-RU"], ["en"])).toBe("ru");
  expect(pickLanguage("xx", ["de"], ["ru", "en"])).toBe("ru");
  expect(pickLanguage(null, ["de"], [])).toBe("en");
  expect(localeOf("en", ["de", "en-US"])).toBe("en-US");
  expect(localeOf("en", ["de"])).toBe("en-GB");
});

test("plurals", () => {
  expect([1, 2].map(en.guests)).toEqual(["1 guest", "2 guests"]);
  expect([1, 2, 5, 21, 22].map(ru.guests)).toEqual(["1 гость", "2 гостя", "5 гостей", "21 гость", "22 гостя"]);
});

/** Each refusal that the hub's own document tells of. */
function codes(): Set<string> {
  const { paths } = JSON.parse(readFileSync(new URL("../../generated/openapi.json", import.meta.url), "utf8"));
  const responses = Object.values(paths as Record<string, Record<string, { responses?: object }>>)
    .flatMap((path) => Object.values(path))
    .flatMap(({ responses }) => Object.entries(responses ?? {}) as [string, { description?: string }][]);
  const told = responses.filter(([status]) => status >= "400").flatMap(([, each]) => each.description?.split(" or "));
  return new Set(told.filter((each) => each !== undefined && /^[a-z_]+$/.test(each)) as string[]);
}

test("each refusal has words in each language", () => {
  const wanted = [...codes()];
  expect(wanted.length).toBeGreaterThan(35);
  for (const { problems } of [en, ru]) expect(wanted.filter((code) => !problems[code])).toEqual([]);
});

type Words = { [key: string]: string | Words | ((...values: never[]) => string) };
const CATALOGUES = import.meta.glob<Record<string, Words>>("../../**/words/{en,ru}.ts", { eager: true });
/** What a Russian reader reads in Latin letters too: names of keys and of things. */
const LATIN = /^(https?|csv|qr|https|enter|esc|escape|tab|shift|e-?mail|web|ctrl)$/i;

/** Each text with the keys that lead to it; of one that is made, what is made of some values. */
function texts(words: Words, path = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(words)) {
    const at = path ? `${path}.${key}` : key;
    if (typeof value === "string") found.set(at, value);
    else if (typeof value === "function") found.set(at, value(...([2, 3, 4, 5, 6] as never[])));
    else for (const [more, text] of texts(value, at)) found.set(more, text);
  }
  return found;
}

test("each catalogue has the same texts in each language, and the Russian one has them in Russian", () => {
  const english = Object.keys(CATALOGUES).filter((path) => path.endsWith("/en.ts"));
  expect(english.length).toBeGreaterThan(6);
  for (const path of english) {
    const of = (language: "en" | "ru") =>
      texts(CATALOGUES[path.replace(/en\.ts$/, `${language}.ts`)]?.[language] ?? {});
    const [one, other] = [of("en"), of("ru")];
    expect([...other.keys()].sort(), path).toEqual([...one.keys()].sort());
    const untold = [...other].filter(([, text]) => {
      const latin = text.match(/[A-Za-z][A-Za-z-]+/g) ?? [];
      return latin.some((word) => !LATIN.test(word));
    });
    expect(untold, path).toEqual([]);
  }
});
