// Russian: what the guest's page says.
import { ru as shared } from "../../lib/page/words/ru.ts";
import { pluralOf } from "../../lib/words/language.ts";
import type { Words } from "./en.ts";

const plural = pluralOf("ru");

export const ru: Words = {
  ...shared,
  title: "Забронировать стол",
  bookHead: "Стол",
  date: "Дата",
  dayBefore: "Днём раньше",
  dayAfter: "Днём позже",
  time: "Время",
  guestCount: "Гостей",
  table: "Стол",
  anyTable: "любой подходящий",
  seats: (count) => `${count} ${plural(count, { one: "место", few: "места", other: "мест" })}`,
  taken: "занят",
  freeTimes: "Свободное время",
  takenTime: (time) => `${time}, занято`,
  nothingFree: "На столько гостей в этот день ничего свободного нет.",
  noTimes: "На этот день забронировать уже нельзя, или ресторан закрыт.",
  notShown: "Этот день показать нельзя.",
  goneTime: "Это время только что заняли. Его всё равно можно запросить: тогда мы предложим, что свободно рядом.",
  book: "Забронировать",
  booked: (when, table, reference) => `Забронировано: ${when}, стол ${table}. Код ${reference}.`,
  instead: "Свободно взамен. Выберите, и мы забронируем:",
  nextTime: (time) => `Следующее время, которое есть в этот день: ${time}.`,

  mine: "Мои брони",
  noMine: "Броней нет.",
  atTable: "Стол",
  status: {
    booked: "забронировано",
    arrived: "вы пришли",
    seated: "вы за столом",
    finished: "завершена",
    no_show: "пропущена",
    canceled: "отменена",
  },
  changeLabel: (what) => `Изменить: ${what}`,
  cancelLabel: (what) => `Отменить: ${what}`,
  cancelBooking: "Отменить",
  reallyCancel: "Точно отменить?",
  canceled: (what) => `Отменено: ${what}.`,
  changeHead: "Изменить бронь",
  saveChange: "Сохранить",
  changed: (when, table) => `Изменено: ${when}, стол ${table}.`,
  movedMeanwhile: (now) => `Эту бронь тем временем изменили. Теперь она такая: ${now}.`,
  goneMeanwhile: "Этой брони больше нет.",
  takeNew: "Продолжить с этого",
};
