// The page that links in mails open: confirm an address, set a new password, or ask for a link to do so.
// The link's token stands behind the #, which no server sees. Opening the page changes nothing: a person presses the
// button, so a program that looks through mails confirms no address.

const WORDS = {
  en: {
    email: "E-mail",
    password: "New password",
    failed: "The hub does not answer. Try again in a moment.",
    verify: ["Confirm your address", "Did you register with this address? Then confirm it.", "Yes, this is my address", "Your address is confirmed."],
    reset: ["New password", "Choose a new password. Every device is logged out by it.", "Set the password", "Your password is set. You can log in with it now."],
    ask: ["Forgot the password?", "We send a link to your address by which you set a new one.", "Send the link", "If there is an account with this address, a mail is on its way."],
  },
  ru: {
    email: "E-mail",
    password: "Новый пароль",
    failed: "Сервер не отвечает. Попробуйте ещё раз чуть позже.",
    verify: ["Подтвердите адрес", "Вы регистрировались с этим адресом? Тогда подтвердите его.", "Да, это мой адрес", "Адрес подтверждён."],
    reset: ["Новый пароль", "Придумайте новый пароль. На всех устройствах придётся войти заново.", "Сохранить пароль", "Пароль сохранён. Теперь можно войти."],
    ask: ["Забыли пароль?", "Мы пришлём на ваш адрес ссылку, по которой можно задать новый.", "Прислать ссылку", "Если учётная запись с этим адресом есть, письмо уже в пути."],
  },
};
const CALLS = {
  verify: ["/auth/verify", []],
  reset: ["/auth/reset", ["password"]],
  ask: ["/auth/reset-request", ["email"]],
};

const language = navigator.language.toLowerCase().startsWith("ru") ? "ru" : "en";
const words = WORDS[language];
const [, kind = "ask", token] = /^#(verify|reset)=([\w-]+)$/.exec(location.hash) ?? [];
const [title, question, button, done] = words[kind];
const [url, fields] = CALLS[kind];
const form = document.querySelector("form");
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
  const body = token ? { token } : {};
  for (const name of fields) body[name] = form.elements[name].value;
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
for (const name of fields) {
  const input = form.elements[name];
  input.required = true;
  input.parentElement.hidden = false;
  input.parentElement.querySelector("label").textContent = words[name];
}
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
