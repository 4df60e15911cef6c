// The place of the link: who is ahead, when a table is expected, and the two things that a guest can say.
import { computed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { components } from "../generated/rest.ts";
import type { Api } from "../lib/api/client.ts";
import { Problem } from "../lib/api/problem.ts";
import { Act, CarefulAct } from "../lib/page/Act.tsx";
import { useAttempt } from "../lib/page/attempt.ts";
import { Contact } from "../lib/page/Contact.tsx";
import { FactList } from "../lib/page/FactList.tsx";
import { LanguageChoice } from "../lib/page/LanguageChoice.tsx";
import { formats, language, learnVenue, venue } from "../lib/page/state.ts";
import { TroubleBox } from "../lib/page/TroubleBox.tsx";
import { hubNow } from "../lib/time/clock.ts";
import { Name } from "../lib/ui/Name.tsx";
import { Rhythm } from "./rhythm.ts";
import { en } from "./words/en.ts";
import { ru } from "./words/ru.ts";

const CATALOGUES = { en, ru };
export const words = computed(() => CATALOGUES[language.value]);

type Place = components["schemas"]["WaitPlaceAnswer"];

const ENDS = ["seated", "left"];

export function App({ token, api }: { token: string | null; api: Api }) {
  const w = words.value;
  const place = useSignal<Place | null>(null);
  const heard = useSignal<number | null>(null);
  const isLost = useSignal(false);
  const isOld = useSignal(false);
  const attempt = useAttempt();
  const asking = useRef({
    rhythm: new Rhythm(),
    timer: undefined as ReturnType<typeof setTimeout> | undefined,
    turn: 0,
  });
  const body = { token };

  function take(found: Place): void {
    place.value = found;
    heard.value = hubNow();
    isLost.value = false;
  }

  async function ask(): Promise<void> {
    const now = asking.current;
    clearTimeout(now.timer);
    const turn = ++now.turn;
    let answer = "";
    try {
      const found = await api.once<Place>("POST", "/wait", body);
      if (turn !== now.turn) return; // something newer is known, or asked for
      take(found);
      answer = JSON.stringify(found);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      if (turn !== now.turn) return;
      if (problem.code === "not_found") {
        isOld.value = true;
        return;
      }
      isLost.value = true;
    }
    schedule(answer);
  }

  function schedule(answer: string): void {
    const now = asking.current;
    const pause = now.rhythm.after(answer, ENDS.includes(place.value?.status ?? ""));
    clearTimeout(now.timer);
    if (pause !== null && !document.hidden) now.timer = setTimeout(() => void ask(), pause);
  }

  useEffect(() => {
    void learnVenue(api);
    if (!token) return;
    void ask();
    const look = () => {
      if (document.hidden) clearTimeout(asking.current.timer);
      else if (!isOld.value) void ask();
    };
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);

  function tell(what: "here" | "leave"): void {
    void attempt.run(
      async (key) => {
        try {
          return await api.write<Place>("POST", `/wait/${what}`, { body, key });
        } catch (problem) {
          if (problem instanceof Problem && problem.code === "conflict") void ask(); // somebody was first: show what is
          throw problem;
        }
      },
      (found) => {
        asking.current.turn += 1; // an answer that is under way is older
        take(found);
        schedule(JSON.stringify(found));
      },
    );
  }

  const shown = place.value;
  const isWaiting = shown !== null && !ENDS.includes(shown.status);
  return (
    <main class="alone">
      <p class="brand">
        <Name text={venue.value?.name ?? ""} />
      </p>
      <h1>{w.title}</h1>
      <p id="said" class="said" role="status">
        {!token ? w.none : isOld.value ? "" : !shown ? w.loading : <Said place={shown} />}
      </p>
      {isOld.value && (
        <p class="problem" role="alert">
          {w.oldLink}
        </p>
      )}
      {shown && <Facts place={shown} />}
      <TroubleBox attempt={attempt} />
      {isWaiting && !isOld.value && (
        <div class="acts">
          {shown.status !== "here" && (
            <Act class="primary" off={attempt.busy.value} onClick={() => tell("here")}>
              {w.iAmHere}
            </Act>
          )}
          <CarefulAct question={w.sure} off={attempt.busy.value} act={() => tell("leave")}>
            {w.leave}
          </CarefulAct>
        </div>
      )}
      {heard.value !== null && isWaiting && !isOld.value && (
        <p id="as-of">
          <small>{(isLost.value ? w.unheard : w.asOf)(formats.value.time(heard.value))}</small>
        </p>
      )}
      <Contact />
      <LanguageChoice />
    </main>
  );
}

function Said({ place }: { place: Place }) {
  const w = words.value;
  const ahead = place.ahead === null ? "" : w.ahead(place.ahead);
  if (place.status === "waiting") return <>{ahead}</>;
  if (place.status === "here") return <>{`${w.here} ${ahead}`}</>;
  return <>{w[place.status]}</>;
}

function Facts({ place }: { place: Place }) {
  const w = words.value;
  const time = (text: string) => formats.value.time(Date.parse(text));
  const { joined_at: since, quoted_until: until } = place;
  // A range is rounded outwards, but nobody is seated before they came.
  const from = place.quoted_from && Date.parse(place.quoted_from) < Date.parse(since) ? since : place.quoted_from;
  const facts = [[w.facts.guests, String(place.guests)]];
  if (place.status === "waiting" || place.status === "here")
    facts.push([w.facts.expected, from && until ? w.between(time(from), time(until)) : w.unknown]);
  if (place.ahead !== null) facts.push([w.facts.since, time(since)]);
  return <FactList facts={facts} />;
}
