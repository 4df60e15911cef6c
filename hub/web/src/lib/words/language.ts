// Which language a person reads: their own choice, else the browser's, else the venue's. Pure, but for the two helpers.

export const LANGUAGES = { en: "English", ru: "Русский" } as const;
export type Language = keyof typeof LANGUAGES;

const CHOICE = "booking.language";

const known = (tag: string | null | undefined): Language | null => {
  const base = tag?.toLowerCase().split("-")[0] ?? "";
  return base in LANGUAGES ? (base as Language) : null;
};

export function pickLanguage(choice: string | null, browser: readonly string[], venue: readonly string[]): Language {
  return known(choice) ?? browser.map(known).find((each) => each !== null) ?? known(venue[0]) ?? "en";
}

/** The browser's own kind of the language, if it has one: en-US has another clock than en-GB. */
export function localeOf(language: Language, browser: readonly string[]): string {
  return browser.find((tag) => known(tag) === language) ?? (language === "en" ? "en-GB" : language);
}

export const storedChoice = (): string | null => localStorage.getItem(CHOICE);
export const storeChoice = (language: Language): void => localStorage.setItem(CHOICE, language);

/** Picks one of the forms by the language's own rule: one, few, many, other. */
export function pluralOf(
  language: Language,
): (count: number, forms: Partial<Record<Intl.LDMLPluralRule, string>>) => string {
  const rules = new Intl.PluralRules(language);
  return (count, forms) => forms[rules.select(count)] ?? forms.other ?? "";
}
