// Russian: what every page says.
import type { Words } from "./en.ts";
import { pluralOf } from "./language.ts";

const plural = pluralOf("ru");

export const ru: Words = {
  language: "Язык",
  close: "Закрыть",
  cancel: "Отмена",
  save: "Сохранить",
  undo: "Вернуть",
  logIn: "Войти",
  logOut: "Выйти",
  email: "Эл. почта",
  password: "Пароль",
  name: "Имя",
  phone: "Телефон",
  guests: (count) => `${count} ${plural(count, { one: "гость", few: "гостя", other: "гостей" })}`,
  upTo: (guests, isJoined) =>
    `${isJoined ? "За сдвинутыми столами" : "За одним столом"} у нас до ${guests} ${plural(guests, { one: "гостя", other: "гостей" })}.`,
  minutes: (count) => `${count} мин`,
  duration: (minutes) => {
    const hours = Math.floor(minutes / 60);
    const rest = minutes % 60;
    return hours === 0 ? `${rest} мин` : rest === 0 ? `${hours} ч` : `${hours} ч ${rest} мин`;
  },
  ago: (seconds) => (seconds < 60 ? `${seconds} с назад` : `${Math.floor(seconds / 60)} мин назад`),

  hold: {
    kept: (where: string, left: string) => `Держим ещё ${left}${where && ` · ${where}`}`,
    longer: "Подержать дольше",
    wasLonger: "Держим дольше",
    again: "Подержать снова",
    over: "Стол больше не держим.",
    not: "Стол не держим.",
    isKept: "Стол держим пять минут.",
    isLonger: "Стол держим ещё на пять минут дольше.",
    lastMinute: "Стол держим ещё одну минуту.",
  },

  live: {
    live: (seconds) => `онлайн, ${seconds} с назад`,
    stale: (since) => `нет уверенности с ${since}`,
    offline: (since) => `нет связи с ${since}`,
    offlineAtAll: "нет связи",
    connecting: "соединение …",
    stopped: "остановлено: войдите снова",
    saidLive: "Связь восстановлена.",
    saidStale: "Связь потеряна. Показанное могло устареть, и менять его пока нельзя.",
  },

  problems: {
    unreachable: "Сервер не ответил. Неизвестно, выполнено ли это: проверьте и повторите.",
    slot_taken: "Этот стол занят в это время.",
    hold_over: "Время, на которое держали стол, вышло, и он уже занят.",
    hold_limit: "Сейчас больше ничего не придержать. Забронировать можно и так.",
    hold_differs: "Стол держат на другое время или на меньшее число гостей.",
    outside_opening_hours: "Ресторан открыт не на всё это время.",
    in_the_past: "Это время уже прошло.",
    too_far_ahead: "На этот день бронировать ещё нельзя.",
    table_too_small: "Нет стола на столько гостей.",
    too_late_to_cancel: "Отменить эту бронь уже нельзя.",
    too_late_to_change: "Изменить эту бронь уже нельзя.",
    nonexistent_local_time: "В этот день часы переводят вперёд: такого времени нет.",
    conflict: "Это уже невозможно: у брони другой статус.",
    changed: "Кто-то изменил это раньше.",
    already_canceled: "Эта бронь уже отменена.",
    already_over: "Эта бронь завершена.",
    forbidden: "У вас нет на это прав.",
    not_found: "Этого больше нет.",
    auth_error: "Неверная почта или пароль.",
    too_many_attempts: "Слишком много попыток. Подождите немного и повторите.",
    too_many_requests: "Слишком много сразу. Повторите через мгновение.",
    overloaded: "Сервер перегружен. Повторите через мгновение.",
    unavailable: "Сервер сейчас не может ответить. Повторите через мгновение.",
    already_waiting: "Этот гость уже ждёт.",
    passed_over: "Этот стол достался бы тем, кто ждёт перед ними.",
    no_wait: "Есть свободный стол: посадите их.",
    waitlist_closed: "Лист ожидания закрыт.",
    session_over: "Сеанс закончился. Войдите снова.",
    email_taken: "Учётная запись с этой почтой уже есть.",
    phone_taken: "Учётная запись с этим телефоном уже есть.",
    name_taken: "Это название уже занято.",
    table_in_use: "На этот стол есть будущая бронь, или она за ним больше не поместилась бы.",
    too_many_bookings:
      "У вас столько броней, сколько может быть у одного гостя, или столько же на это время. Отмените одну или позвоните нам.",
    combination_invalid: "Так сдвинуть эти столы нельзя.",
    outcome_unknown: "Неизвестно, выполнено ли это: проверьте и повторите.",
    malformed: "Сервер не понял введённое.",
    internal: "На сервере что-то пошло не так. Повторите через мгновение.",
    exceed_without_reason: "Нужна причина: скажите, почему.",
    has_bookings: "Есть предстоящие брони: сначала отмените их.",
    idempotency_mismatch: "Раньше это просили иначе. Попробуйте ещё раз.",
    in_progress: "Это как раз выполняется. Повторите через мгновение.",
    last_owner: "У ресторана должен остаться владелец.",
    too_large: "Слишком много за один раз.",
    validation_error: "Сервер не понял введённое.",
  },
};
