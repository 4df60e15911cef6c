// The language, by its own name.
import { LANGUAGES, type Language } from "../../lib/words/language.ts";
import { language, speak } from "../store/app.ts";

export function LanguageChoice() {
  return (
    <div class="chips languages">
      {Object.entries(LANGUAGES).map(([code, name]) => (
        <button
          type="button"
          key={code}
          lang={code}
          class="quiet"
          aria-pressed={language.value === code}
          onClick={() => speak(code as Language)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
