// The booking of the link: what it is, how many come, and the button that cancels it.
import { computed, useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Problem } from "../lib/api/problem.ts";
import type { WireAnswer } from "../lib/api/wire.ts";
import { Act, CarefulAct } from "../lib/page/Act.tsx";
import { type Attempt, useAttempt } from "../lib/page/attempt.ts";
import { Contact } from "../lib/page/Contact.tsx";
import { FactList } from "../lib/page/FactList.tsx";
import { LanguageChoice } from "../lib/page/LanguageChoice.tsx";
import { askVenue, formats, language, learnVenue, now, startClock, venue } from "../lib/page/state.ts";
import { TroubleBox } from "../lib/page/TroubleBox.tsx";
import { Name } from "../lib/ui/Name.tsx";
import { isolate } from "../lib/ui/text.ts";
import type { ManageLink, Opened } from "./link.ts";
import { en } from "./words/en.ts";
import { ru } from "./words/ru.ts";

const CATALOGUES = { en, ru };
export const words = computed(() => CATALOGUES[language.value]);

export function App({ link }: { link: ManageLink | null }) {
  const w = words.value;
  const opened = useSignal<Opened | null>(null);
  const booking = useSignal<WireAnswer | null>(null);
  const said = useSignal("");
  const attempt = useAttempt();
  const isBooked = useComputed(() => {
    const shown = booking.value;
    return shown?.status === "booked" && Date.parse(shown.end_at) > now.value;
  });
  const path = `${opened.value?.url_prefix ?? ""}/bookings/${opened.value?.booking_id}`;

  useEffect(startClock, []);
  useEffect(() => {
    const unopened = (problem: unknown) => {
      void learnVenue();
      throw problem;
    };
    if (link) void attempt.run(() => open(link).catch(unopened));
    else void learnVenue();
  }, []);

  async function open(from: ManageLink): Promise<void> {
    const found = await from.open();
    opened.value = found;
    // Times are shown by the restaurant's clock, so the one is not shown without the other.
    const [here, there] = await Promise.all([
      askVenue(from.api, found.url_prefix),
      from.api.get<WireAnswer>(`${found.url_prefix}/bookings/${found.booking_id}`),
    ]);
    venue.value = here;
    booking.value = there;
  }

  function write(method: "PATCH" | "DELETE", seen: WireAnswer, body?: object): void {
    if (!link) return;
    said.value = "";
    void attempt.run(
      async (key) => {
        try {
          return await link.api.write<WireAnswer>(method, path, { key, revision: seen.revision, body });
        } catch (problem) {
          // Somebody else was first: what is there now is shown beside the refusal.
          if (problem instanceof Problem && problem.present) booking.value = problem.present as WireAnswer;
          throw problem;
        }
      },
      (answer) => {
        booking.value = answer;
        if (method === "PATCH") said.value = w.changed(w.guests(answer.guests), tablesText(answer));
      },
    );
  }

  const shown = booking.value;
  const isOpen = shown !== null && isBooked.value;
  const isOldLink = attempt.trouble.value?.problem.code === "not_found";
  const state = !link
    ? w.none
    : !shown
      ? attempt.busy.value
        ? w.loading
        : ""
      : shown.status === "canceled"
        ? w.canceled
        : shown.status === "arrived" || shown.status === "seated"
          ? w.here
          : isOpen
            ? ""
            : w.over;
  return (
    <main class="alone">
      <p class="brand">
        <Name text={venue.value?.name ?? ""} />
      </p>
      <h1>{w.title}</h1>
      <p id="said" role="status">
        {state || said.value}
      </p>
      {shown && <Facts booking={shown} />}
      {isOldLink ? (
        <p class="problem" role="alert">
          {w.oldLink}
        </p>
      ) : (
        !isOpen && <TroubleBox attempt={attempt} />
      )}
      {isOpen && (
        <>
          <GuestsForm
            key={shown.revision}
            booking={shown}
            attempt={attempt}
            change={(body) => write("PATCH", shown, body)}
          />
          <div class="acts">
            <CarefulAct question={w.sure} off={attempt.busy.value} act={() => write("DELETE", shown)}>
              {w.cancelBooking}
            </CarefulAct>
          </div>
        </>
      )}
      <Contact />
      <LanguageChoice />
    </main>
  );
}

const tablesText = ({ tables }: WireAnswer): string => tables.map(({ name }) => isolate(name)).join(" + ");

interface FormProps {
  booking: WireAnswer;
  attempt: Attempt;
  change: (body: { guests: number; table_id?: null }) => void;
}

/** How many come. Where its table is too small for so many, another one is one touch away. */
function GuestsForm({ booking, attempt, change }: FormProps) {
  const w = words.value;
  const guests = useSignal(booking.guests);
  const wasAnywhere = useSignal(false);
  const most = Math.max(venue.value?.rules.guests_max_online ?? 1, booking.guests);
  const code = attempt.trouble.value?.problem.code;
  const isTooSmall = code === "table_too_small" && !wasAnywhere.value;
  function ask(isAnywhere: boolean): void {
    wasAnywhere.value = isAnywhere;
    change({ guests: guests.value, ...(isAnywhere && { table_id: null }) });
  }
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (!attempt.busy.value && guests.value !== booking.guests) ask(false);
      }}
    >
      <div class="field">
        <label for="guests">{w.guestCount}</label>
        <select
          id="guests"
          value={guests.value}
          onChange={({ currentTarget }) => {
            guests.value = Number(currentTarget.value);
            attempt.clear();
          }}
        >
          {Array.from({ length: most }, (_, at) => at + 1).map((count) => (
            <option key={count} value={count}>
              {count}
            </option>
          ))}
        </select>
      </div>
      <TroubleBox
        attempt={attempt}
        says={() => (isTooSmall ? w.keptTooSmall : code === "slot_taken" ? w.nothingThen : undefined)}
      >
        {isTooSmall && (
          <button type="button" class="primary" onClick={() => ask(true)}>
            {w.anotherTable}
          </button>
        )}
      </TroubleBox>
      <Act type="submit" off={attempt.busy.value || guests.value === booking.guests}>
        {w.saveGuests}
      </Act>
    </form>
  );
}

function Facts({ booking }: { booking: WireAnswer }) {
  const w = words.value.facts;
  const { day, time } = formats.value;
  const when = `${day(booking.start_at.slice(0, 10))}, ${time(Date.parse(booking.start_at))}–${time(Date.parse(booking.end_at))}`;
  const facts = [
    [w.reference, booking.reference],
    [w.when, when],
    [w.guests, String(booking.guests)],
    [w.name, booking.guest.name],
    [w.table, booking.tables.map(({ name }) => name).join(" + ")],
  ];
  return <FactList facts={facts} />;
}
