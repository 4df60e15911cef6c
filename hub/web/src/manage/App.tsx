// The booking of the link: what it is, and the button that cancels it.
import { computed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { components } from "../generated/rest.ts";
import { Problem } from "../lib/api/problem.ts";
import { CarefulAct } from "../lib/page/Act.tsx";
import { useAttempt } from "../lib/page/attempt.ts";
import { Contact } from "../lib/page/Contact.tsx";
import { LanguageChoice } from "../lib/page/LanguageChoice.tsx";
import { formats, language, learnVenue, type VenueFacts, venue } from "../lib/page/state.ts";
import { TroubleBox } from "../lib/page/TroubleBox.tsx";
import { Name } from "../lib/ui/Name.tsx";
import type { ManageLink, Opened } from "./link.ts";
import { en } from "./words/en.ts";
import { ru } from "./words/ru.ts";

const CATALOGUES = { en, ru };
export const words = computed(() => CATALOGUES[language.value]);

type Booking = components["schemas"]["BookingAnswer"];

export function App({ link }: { link: ManageLink | null }) {
  const w = words.value;
  const opened = useSignal<Opened | null>(null);
  const booking = useSignal<Booking | null>(null);
  const attempt = useAttempt();
  const path = `${opened.value?.url_prefix ?? ""}/bookings/${opened.value?.booking_id}`;

  useEffect(() => {
    if (link) void attempt.run(() => open(link));
    else void learnVenue();
  }, []);

  async function open(from: ManageLink): Promise<void> {
    const found = await from.open();
    opened.value = found;
    // Times are shown by the restaurant's clock, so the one is not shown without the other.
    const [here, there] = await Promise.all([
      from.api.get<VenueFacts>(`${found.url_prefix}/venue`),
      from.api.get<Booking>(`${found.url_prefix}/bookings/${found.booking_id}`),
    ]);
    venue.value = here;
    booking.value = there;
  }

  function cancel(seen: Booking): void {
    if (!link) return;
    void attempt.run(
      async (key) => {
        try {
          return await link.api.write<Booking>("DELETE", path, { key, revision: seen.revision });
        } catch (problem) {
          // Somebody else was first: what is there now is shown beside the refusal.
          if (problem instanceof Problem && problem.present) booking.value = problem.present as Booking;
          throw problem;
        }
      },
      (canceled) => {
        booking.value = canceled;
      },
    );
  }

  const shown = booking.value;
  const isOldLink = attempt.trouble.value?.problem.code === "not_found";
  const isOver = shown !== null && Date.parse(shown.end_at) <= Date.now();
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
          : shown.status === "booked" && !isOver
            ? ""
            : w.over;
  return (
    <main class="alone">
      <p class="brand">
        <Name text={venue.value?.name ?? ""} />
      </p>
      <h1>{w.title}</h1>
      <p id="said" role="status">
        {state}
      </p>
      {shown && <Facts booking={shown} />}
      {isOldLink ? (
        <p class="problem" role="alert">
          {w.oldLink}
        </p>
      ) : (
        <TroubleBox attempt={attempt} />
      )}
      {shown?.status === "booked" && !isOver && (
        <div class="acts">
          <CarefulAct question={w.sure} off={attempt.busy.value} act={() => cancel(shown)}>
            {w.cancelBooking}
          </CarefulAct>
        </div>
      )}
      <Contact />
      <LanguageChoice />
    </main>
  );
}

function Facts({ booking }: { booking: Booking }) {
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
  return (
    <dl id="facts">
      {facts.map(([name, text]) => (
        <>
          <dt>{name}</dt>
          <dd>
            <bdi>{text}</bdi>
          </dd>
        </>
      ))}
    </dl>
  );
}
