// Which page is seen: the log-in, a word to who is not staff, or the stand.
import { LogIn } from "../../lib/page/LogIn.tsx";
import { Name } from "../../lib/ui/Name.tsx";
import { account, entry, words } from "../store/app.ts";
import { logIn, logOut } from "../store/session.ts";
import { Stand } from "./Stand.tsx";

export function App() {
  const w = words.value;
  switch (entry.value) {
    case "starting":
      return (
        <main class="alone">
          <p role="status">{w.loading}</p>
        </main>
      );
    case "out":
      return <LogIn title={w.title} logIn={logIn} />;
    case "not_staff":
      return (
        <main class="alone">
          <h1>{w.title}</h1>
          <p role="alert" class="problem">
            <span>
              <Name text={w.notStaff(account.value?.full_name ?? "")} />
            </span>
            <span>{w.notStaffNext}</span>
          </p>
          <button type="button" class="primary" onClick={() => void logOut()}>
            {w.logOut}
          </button>
        </main>
      );
    default:
      return <Stand />;
  }
}
