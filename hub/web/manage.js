// The page that the link of a booking's mail opens: it shows the booking, and cancels it when a person says so.
// The link's token stands behind the #, which no server sees. Opening the page changes nothing, so a program that looks
// through mails cancels no booking. The token is traded for one that is good for this booking for half an hour.
import { h } from "./dom.js";
import { dayTitle, span, wall } from "./times.js";

const WORDS = {
  en: {
    title: "Your booking",
    failed: "The hub does not answer. Try again in a moment.",
    none: "Open the link in your mail.",
    facts: { reference: "Reference", when: "When", guests: "Guests", name: "Name" },
    cancel: "Cancel the booking",
    sure: "Yes, cancel it",
    canceled: "The booking is canceled.",
    over: "The booking is over.",
  },
  ru: {
    title: "Ваша бронь",
    failed: "Сервер не отвечает. Попробуйте ещё раз чуть позже.",
    none: "Откройте ссылку из письма.",
    facts: { reference: "Код", when: "Когда", guests: "Гостей", name: "Имя" },
    cancel: "Отменить бронь",
    sure: "Да, отменить",
    canceled: "Бронь отменена.",
    over: "Время брони прошло.",
  },
};

const language = navigator.language.toLowerCase().startsWith("ru") ? "ru" : "en";
const words = WORDS[language];
const [, token] = /^#([\w-]+)$/.exec(location.hash) ?? [];
const problem = document.querySelector(".problem");
const button = document.querySelector("button");
let opened = null;
let sure = false;

function say(text) {
  document.getElementById("said").textContent = text;
}

function refuse(text) {
  problem.textContent = text;
  problem.hidden = false;
}

/** The answer's body; null, and the reason is shown, where there is none. */
async function call(method, path, body) {
  const headers = { "content-type": "application/json" };
  if (opened) headers.authorization = `Bearer ${opened.access_token}`;
  try {
    const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
    const found = await answer.json();
    if (answer.ok) return found;
    refuse(found.detail);
  } catch {
    refuse(words.failed);
  }
  return null;
}

function show(booking) {
  const facts = {
    reference: booking.reference,
    when: `${dayTitle(wall(booking.start_at).day)}, ${span(booking.start_at, booking.end_at)}`,
    guests: booking.guests,
    name: booking.guest.name,
  };
  const lines = Object.entries(facts).flatMap(([name, text]) => [h("dt", {}, words.facts[name]), h("dd", {}, h("bdi", {}, String(text)))]);
  document.getElementById("facts").replaceChildren(...lines);
  const open = booking.status === "booked" && Date.parse(booking.end_at) > Date.now();
  say(booking.status === "canceled" ? words.canceled : open ? "" : words.over);
  button.hidden = !open;
  button.textContent = words.cancel;
}

const path = () => `${opened.url_prefix}/bookings/${opened.booking_id}`;

async function cancel() {
  if (!sure) {
    sure = true;
    button.textContent = words.sure;
    return;
  }
  sure = false;
  problem.hidden = true;
  button.disabled = true;
  const booking = await call("DELETE", path());
  button.disabled = false;
  if (booking) show(booking);
  else button.textContent = words.cancel;
}

history.replaceState(null, "", location.pathname); // neither the history nor a copied address keeps the token
document.documentElement.lang = language;
document.title = words.title;
document.getElementById("title").textContent = words.title;
button.addEventListener("click", cancel);
if (!token) {
  say(words.none);
} else {
  opened = await call("POST", "/manage", { token });
  const booking = opened && (await call("GET", path()));
  if (booking) show(booking);
}
