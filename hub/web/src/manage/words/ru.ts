// Russian: what the page says that the link of a booking's mail opens.
import { ru as shared } from "../../lib/page/words/ru.ts";
import type { Words } from "./en.ts";

export const ru: Words = {
  ...shared,
  title: "Ваша бронь",
  none: "Откройте ссылку из письма.",
  oldLink: "Эта ссылка больше не действует. Позвоните нам, пожалуйста.",
  facts: { reference: "Код", when: "Когда", guests: "Гостей", name: "Имя", table: "Стол" },
  guestCount: "Сколько вас?",
  saveGuests: "Изменить",
  changed: (guests, table) => `Изменено: ${guests}, стол ${table}.`,
  cancelBooking: "Отменить бронь",
  sure: "Да, отменить",
  canceled: "Бронь отменена.",
  over: "Время брони прошло.",
  here: "Вы сейчас у нас.",
};
