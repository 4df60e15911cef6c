// The form of a booking, new or to be changed: day, guests, a time and a table, what is said of it; and what the hub says
// to it. Whoever is not logged in chooses by what visitors are told, and is asked to log in when all is chosen.
// What is wanted, what of it is held and what is free for it depend on each other, so they are one part.
import { type Signal, useSignal } from "@preact/signals";
import { useId, useLayoutEffect } from "preact/hooks";
import { HoldLine, useHold, useHoldRequest } from "../../lib/hold/HoldLine.tsx";
import { Act } from "../../lib/page/Act.tsx";
import { useAttempt } from "../../lib/page/attempt.ts";
import { Contact } from "../../lib/page/Contact.tsx";
import { account, api, formats, isOld, now, serviceDay, venue, zone } from "../../lib/page/state.ts";
import { problemText, TroubleBox } from "../../lib/page/TroubleBox.tsx";
import { mostOf } from "../../lib/room/most.ts";
import { isFirst, shiftsOn, startBody } from "../../lib/time/shifts.ts";
import { instantOf, MINUTE, shiftDate, wallOf } from "../../lib/time/zone.ts";
import { mayHave, type Own, offersOf, offersTold, startsOf, turnOf, without, withoutHeld } from "../model/free.ts";
import { type Said, type SaidChanges, saidChanges } from "../model/said.ts";
import { isRoomKnown, room, useDay, words } from "../store/store.ts";
import { DayChoice } from "./DayChoice.tsx";
import { type Alternative, Instead } from "./Instead.tsx";
import { Saying } from "./Saying.tsx";
import { TableChoice } from "./TableChoice.tsx";
import { Times } from "./Times.tsx";

/** What is wanted, as the hub takes it; what is said of it only where that is another. */
export interface BookingRequest extends SaidChanges {
  date: string;
  time: string;
  guests: number;
  table_id: number | null;
}

export interface How {
  /** The token of the hold that was taken for a new booking. */
  hold: string | null;
  /** At another table than the one that is kept. */
  isAnywhere: boolean;
}

interface Props<T> {
  /** "": the service day that is on, as it rolls over. */
  date: string;
  guests: number;
  start: number | null;
  table: number | null;
  /** One's own booking, which is to be changed. */
  own?: Own;
  /** What is said by now; and before it was changed here. */
  said: Signal<Said>;
  saidBefore: Said;
  /** Too late for another time or table, and to say something: only fewer may come. */
  isLate?: boolean;
  submitText: string;
  /** Asks a visitor to log in, over what they have chosen. */
  toLogIn?: (chosen: string) => void;
  send: (request: BookingRequest, key: string, how: How) => Promise<T>;
  done: (answer: T) => void;
}

/** "Sat 28 Nov, 19:30, 2 guests" */
const chosenText = (start: number, guests: number): string =>
  [formats.value.day(wallOf(zone.value, start).date), formats.value.time(start), words.value.guests(guests)].join(", ");

export function BookForm<T>(props: Props<T>) {
  const w = words.value;
  const id = useId();
  const chosenDate = useSignal(props.date);
  const guests = useSignal(props.guests);
  const start = useSignal(props.start);
  const table = useSignal(props.table);
  const wasFree = useSignal(false);
  /** Whether the last question was for any table. */
  const wasAnywhere = useSignal(props.own === undefined);
  const attempt = useAttempt();
  const hold = useHold(api);
  const rules = venue.value?.rules;
  const date = chosenDate.value || serviceDay.value;
  const isVisitor = account.value === null;
  const { taken: told, starts: toldToAll, isRefused } = useDay(date);
  const kept = hold.state.value.phase === "held" ? hold.state.value.held : null;
  const others = told && kept ? withoutHeld(told, kept) : told;
  const taken = others && (props.own ? without(others, props.own) : others);
  const oversize = rules?.oversize ?? null;
  const own = props.own ?? null;
  const turn = turnOf(rules?.turns ?? [], guests.value);
  const notice = rules?.notice ?? 0;
  const starts = startsOf(
    {
      ...{ shifts: shiftsOn(venue.value?.shifts ?? [], zone.value, date), stepMinutes: rules?.step ?? 15, notice },
      // Of a time that the clock shows twice only the first is a start.
      isOffered: (at) => isFirst(zone.value, at),
    },
    now.value,
  );
  const offers =
    taken && isRoomKnown.value
      ? offersOf(starts, { room: room.value, taken }, { guests: guests.value, turn, table: table.value, oversize, own })
      : toldToAll && !own
        ? offersTold(toldToAll, guests.value, now.value + notice * MINUTE)
        : null;
  const most = mostOf(room.value);
  // A party to which staff gave tables with too few seats may keep them, at another time too.
  const isTooMany = most !== null && guests.value > Math.max(most.guests, own?.guests ?? 0);
  const offer = offers?.find((each) => each.start === start.value) ?? null;
  const isHolding = kept !== null || hold.state.value.phase === "asking";
  const isTaken = offer !== null && !offer.isFree && !isHolding;
  // A booking that is moved keeps its own table meanwhile; a table that a guest names is held for nobody.
  const request =
    isVisitor || props.own || start.value === null || !wasFree.value || table.value !== null
      ? null
      : { ...startBody(zone.value, start.value), guests: guests.value };
  // A booking that is changed keeps its tables while none is chosen and no other is asked for.
  const isSame = props.table === table.value || (props.own?.isPinned === true && table.value === null);
  const isKept = props.own !== undefined && !wasAnywhere.value && isSame;
  const isLate = props.isLate ?? false;
  const mostGuests = Math.max(rules?.guests_max_online ?? 1, props.guests);
  const refusal = attempt.trouble.value?.problem.code;
  // Each time that it is drawn: for another number of guests the same time may be free again.
  useLayoutEffect(() => {
    if (offer?.isFree) wasFree.value = true;
  });
  useHoldRequest(hold, request, isOld.value);

  function choose(at: number | null): void {
    start.value = at;
    wasFree.value = offers?.find((each) => each.start === at)?.isFree ?? false;
    attempt.clear();
  }

  /** Another day keeps the time on the clock. */
  function goTo(day: string): void {
    if (start.value !== null && day) {
      const wall = wallOf(zone.value, start.value);
      const after = Math.round((Date.parse(wall.date) - Date.parse(date)) / 86_400_000);
      start.value = instantOf(zone.value, shiftDate(day, after), wall.time);
    }
    wasFree.value = false;
    chosenDate.value = day;
    attempt.clear();
  }

  function ask(isAnywhere = false, token: Promise<string | null> = Promise.resolve(null)): void {
    if (start.value === null) return;
    const body = {
      ...{ ...startBody(zone.value, start.value), guests: guests.value, table_id: table.value },
      ...saidChanges(props.saidBefore, props.said.value),
    };
    wasAnywhere.value = isAnywhere;
    void attempt.run(
      async (key) => props.send(body, key, { hold: await token, isAnywhere }),
      (answer) => {
        void token.then((used) => used && hold.forget());
        wasFree.value = false;
        props.done(answer);
        if (!props.own) start.value = table.value = null;
      },
    );
  }

  function askNow(isAnywhere = false): void {
    if (start.value === null || isOld.value || attempt.busy.value) return;
    if (isVisitor && isTaken) return; // nobody makes an account for what they can't have
    if (isVisitor) {
      props.toLogIn?.(chosenText(start.value, guests.value));
      return;
    }
    ask(isAnywhere, request ? hold.token() : undefined);
  }

  function take({ start_at, tables, table: first }: Alternative): void {
    start.value = Date.parse(start_at);
    // Tables that are pushed together can't be named: the hub finds them again.
    table.value = tables.length > 1 ? null : first.id;
    ask();
  }

  return (
    <form
      class="form booking-form"
      onSubmit={(event) => {
        event.preventDefault();
        askNow();
      }}
    >
      <div class="fields">
        {!isLate && <DayChoice date={date} goTo={goTo} />}
        <div class="field">
          <label for={`${id}guests`}>{w.guestCount}</label>
          <select
            id={`${id}guests`}
            name="guests"
            value={guests.value}
            onChange={({ currentTarget }) => {
              guests.value = Number(currentTarget.value);
              // A table that is too small now leaves the choice to the hub.
              const held = room.value.tables.find((each) => each.id === table.value);
              if (held && !mayHave(held, { guests: guests.value, oversize: null, own })) table.value = null;
              wasFree.value = false;
              attempt.clear();
            }}
          >
            {Array.from({ length: isLate ? props.guests : mostGuests }, (_, at) => at + 1).map((count) => (
              <option key={count} value={count}>
                {count}
              </option>
            ))}
          </select>
        </div>
        {isRoomKnown.value && !isLate && (
          <TableChoice
            guests={guests.value}
            chosen={table.value}
            taken={taken}
            oversize={oversize}
            own={own}
            span={start.value === null ? null : { start: start.value, end: start.value + turn }}
            choose={(wanted) => {
              table.value = wanted;
              wasFree.value = false;
              attempt.clear();
            }}
          />
        )}
      </div>
      {!isLate && (
        <>
          <p class="day-title">{date && formats.value.longDay(date)}</p>
          {isRefused ? (
            <p role="alert">{w.notShown}</p>
          ) : isTooMany ? (
            <div role="status" class="notice">
              <p>
                {w.upTo(most.guests, most.isJoined)} {w.callForMore}
              </p>
              <Contact />
            </div>
          ) : (
            <Times offers={offers} expected={starts} chosen={start.value} choose={choose} />
          )}
          <p role="status" class={isTaken ? "notice" : undefined}>
            {isTaken && `${wasFree.value ? w.justTaken : w.isTaken} ${isVisitor ? w.chooseFree : w.askAnyway}`}
          </p>
          {start.value !== null && <Saying said={props.said} />}
        </>
      )}
      <HoldLine
        {...{ hold, request, words: w.hold, problemText, name: () => "" }}
        countdown={formats.value.countdown}
        now={now.value}
      />
      <TroubleBox
        attempt={attempt}
        says={({ code }) =>
          code === "slot_taken" && table.value === null && !isKept
            ? w.nothingThen
            : code === "table_too_small" && isKept
              ? w.keptTooSmall
              : undefined
        }
      >
        {isKept && (refusal === "table_too_small" || refusal === "slot_taken") && !own?.isPinned && (
          <button type="button" class="primary" onClick={() => askNow(true)}>
            {w.anotherTable}
          </button>
        )}
        <Instead problem={attempt.trouble.value?.problem ?? null} take={take} />
      </TroubleBox>
      <Act type="submit" class="primary" off={attempt.busy.value || isOld.value || isTooMany || (isVisitor && isTaken)}>
        {isVisitor ? w.goOn : props.submitText}
      </Act>
      {isVisitor && <small>{w.thenLogIn}</small>}
    </form>
  );
}
