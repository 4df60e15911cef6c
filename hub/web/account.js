// The page that links in mails open: confirm an address, set a new password, or ask for a link to do so.
// The link's token stands behind the #, which no server sees. Opening the page changes nothing: a person presses the
// button, so a program that looks through mails confirms no address. To confirm one takes the password, since somebody
// else may have registered it and chosen that; this page knows no session.

const WORDS = {
  en: {
    email: "E-mail",
    password: "Password",
    "new-password": "New password",
    failed: "The hub does not answer. Try again in a moment.",
    verify: ["Confirm your address", "Type the password that you registered with. If you do not know it, choose a new one: it takes the place of the old one, and every device is logged out.", "Yes, this is my address", "Your address is confirmed. Log in with the password that you have just typed."],
    reset: ["New password", "Choose a new password. Every device is logged out by it.", "Set the password", "Your password is set. You can log in with it now."],
    ask: ["Forgot the password?", "We send a link to your address by which you set a new one.", "Send the link", "If there is an account with this address, a mail is on its way."],
  },
  ru: {
    email: "E-mail",
    password: "Пароль",
    "new-password": "Новый пароль",
    failed: "Сервер не отвечает. Попробуйте ещё раз чуть позже.",
    verify: ["Подтвердите адрес", "Введите пароль, с которым вы регистрировались. Если вы его не знаете, придумайте новый: он заменит прежний, и на всех устройствах придётся войти заново.", "Да, это мой адрес", "Адрес подтверждён. Входите с паролем, который вы сейчас ввели."],
    reset: ["Новый пароль", "Придумайте новый пароль. На всех устройствах придётся войти заново.", "Сохранить пароль", "Пароль сохранён. Теперь можно войти."],
    ask: ["Забыли пароль?", "Мы пришлём на ваш адрес ссылку, по которой можно задать новый.", "Прислать ссылку", "Если учётная запись с этим адресом есть, письмо уже в пути."],
  },
};
// The call, and the field that it takes, with what a password manager puts into it.
const CALLS = {
  verify: ["/auth/verify", "password", "current-password", "password"],
  reset: ["/auth/reset", "password", "new-password", "new-password"],
  ask: ["/auth/reset-request", "email", "username", "email"],
};

const language = navigator.language.toLowerCase().startsWith("ru") ? "ru" : "en";
const words = WORDS[language];
const [, kind = "ask", token] = /^#(verify|reset)=([\w-]+)$/.exec(location.hash) ?? [];
const [title, question, button, done] = words[kind];
const [url, field, filledWith, label] = CALLS[kind];
const form = document.querySelector("form");
const input = form.elements[field];
const problem = form.querySelector(".problem");
const submit = form.querySelector("button");

function show(text) {
  document.getElementById("said").textContent = text;
}

function refuse(text) {
  problem.textContent = text;
  problem.hidden = false;
}

async function send() {
  const body = { [field]: input.value };
  if (token) body.token = token;
  const answer = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (answer.ok) {
    form.hidden = true;
    show(done);
  } else {
    refuse((await answer.json()).detail);
  }
}

history.replaceState(null, "", location.pathname); // neither the history nor a copied address keeps the token
document.documentElement.lang = language;
document.title = title;
document.getElementById("title").textContent = title;
show(question);
submit.textContent = button;
input.required = true;
input.autocomplete = filledWith;
input.parentElement.hidden = false;
input.parentElement.querySelector("label").textContent = words[label];
form.hidden = false;
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.hidden = true;
  submit.disabled = true;
  try {
    await send();
  } catch {
    refuse(words.failed);
  } finally {
    submit.disabled = false;
  }
});
