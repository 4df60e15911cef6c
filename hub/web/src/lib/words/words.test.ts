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

test("each problem has words in each language", () => {
  expect(Object.keys(ru.problems).sort()).toEqual(Object.keys(en.problems).sort());
});
