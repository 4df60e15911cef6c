// The language, by its own name.
import { LANGUAGES, type Language } from "../words/language.ts";
import { language, speak, words } from "./state.ts";

export function LanguageChoice() {
  return (
    <select
      class="language"
      aria-label={words.value.language}
      value={language.value}
      onChange={({ currentTarget }) => speak(currentTarget.value as Language)}
    >
      {Object.entries(LANGUAGES).map(([code, name]) => (
        <option key={code} value={code} lang={code}>
          {name}
        </option>
      ))}
    </select>
  );
}
