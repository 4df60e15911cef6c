// Log in, or register: one form whose further fields appear for who is new.
import { once, setText } from "./dom.js";
import { clearProblem, showProblem } from "./problem.js";

const NEW_ONLY = ["full_name", "phone_number"];

export class SignIn {
  /** `entered` is called once a token is held. */
  constructor(root, api, entered) {
    this.root = root;
    this.form = root.querySelector("form");
    this.problem = root.querySelector(".problem");
    this.swap = root.querySelector("[data-swap]");
    this.swap.addEventListener("click", () => this.#mode(!this.isNew));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(api, entered);
    });
    this.#mode(false);
  }

  show(words = "") {
    this.root.hidden = false;
    setText(this.root.querySelector(".said"), words);
    this.form.elements.email.focus();
  }

  hide() {
    this.root.hidden = true;
    this.form.reset();
    clearProblem(this.problem);
  }

  #mode(isNew) {
    this.isNew = isNew;
    for (const name of NEW_ONLY) {
      const input = this.form.elements[name];
      input.closest(".field").hidden = !isNew;
      input.disabled = !isNew;
    }
    this.form.elements.password.autocomplete = isNew ? "new-password" : "current-password";
    this.form.elements.password.minLength = isNew ? 8 : 0;
    setText(this.root.querySelector("h1"), isNew ? "Register" : "Log in");
    setText(this.form.querySelector("[type=submit]"), isNew ? "Register" : "Log in");
    setText(this.swap, isNew ? "I have an account" : "I am new here");
    clearProblem(this.problem);
  }

  async #submit(api, entered) {
    clearProblem(this.problem);
    // Fields that are off are not in the form's data, so a log-in sends just what it needs.
    const body = Object.fromEntries(new FormData(this.form));
    try {
      await once(this.form, () => (this.isNew ? api.register(body) : api.logIn(body)));
    } catch (problem) {
      showProblem(this.problem, problem, { form: this.form });
      return;
    }
    await entered();
  }
}
