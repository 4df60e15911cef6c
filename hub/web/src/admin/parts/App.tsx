// The owner's page: the plan, tables, areas, and tables that join.
import { Frame } from "../../lib/page/Frame.tsx";
import { prefix } from "../../lib/page/place.ts";
import { mayManage } from "../../lib/page/state.ts";
import { isLoaded } from "../store/floor.ts";
import { said } from "../store/said.ts";
import { words } from "../store/words.ts";
import { Areas } from "./Areas.tsx";
import { Combinations } from "./Combinations.tsx";
import { PlanCard } from "./PlanCard.tsx";
import { Tables } from "./Tables.tsx";

export function App() {
  const w = words.value;
  const links = [
    { href: `${prefix}/`, text: w.toBooking },
    { href: `${prefix}/stand`, text: w.toStand },
  ];
  return (
    <Frame title={w.title} links={links}>
      {!mayManage.value ? (
        <p class="problem" role="alert">
          {w.notManager}
        </p>
      ) : (
        <>
          <p id="said" class="said" role="status">
            {said.value.text && (
              <span key={said.value.number} data-number={said.value.number}>
                {said.value.text}
              </span>
            )}
          </p>
          {isLoaded.value ? (
            <>
              <PlanCard />
              <div class="admin">
                <Tables />
                <div class="admin-column">
                  <Areas />
                  <Combinations />
                </div>
              </div>
            </>
          ) : (
            <p>{w.loading}</p>
          )}
        </>
      )}
    </Frame>
  );
}
