// Russian: what the page says that a guest's link to their place on the wait list opens.
import { ru as shared } from "../../lib/page/words/ru.ts";
import { pluralOf } from "../../lib/words/language.ts";
import type { Words } from "./en.ts";

const plural = pluralOf("ru");

export const ru: Words = {
  ...shared,
  title: "Ваше место в очереди",
  none: "Откройте ссылку, которую мы вам дали.",
  oldLink: "Эта ссылка больше не действует. Спросите нас, пожалуйста.",
  ahead: (count) =>
    count === 0
      ? "Вы следующие."
      : `Перед вами ${count} ${plural(count, { one: "компания", few: "компании", many: "компаний", other: "компании" })}.`,
  ready: "Ваш стол готов. Подойдите, пожалуйста, ко входу.",
  here: "Мы знаем, что вы здесь.",
  seated: "Вы за столом. Приятного аппетита.",
  left: "Вас больше нет в листе ожидания.",
  facts: { guests: "Гостей", expected: "Ожидаемое время", since: "Ждёте с" },
  between: (from, until) => (from === until ? `около ${until}` : `${from}–${until}`),
  unknown: "Пока сказать нельзя.",
  iAmHere: "Я здесь",
  leave: "Выйти из очереди",
  sure: "Да, выйти",
  asOf: (time) => `На ${time}. Страница обновляется сама.`,
  unheard: (time) => `Нет связи с ${time}. Запрос повторится сам.`,
};
