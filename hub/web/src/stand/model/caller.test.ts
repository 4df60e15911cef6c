import { expect, test } from "vitest";
import { guestBody } from "./caller.ts";

test("of a known guest the id is said and nothing else, of another what they say", () => {
  const caller = { name: " Ida ", phone: " ", email: "" };
  expect(guestBody(caller, { id: 7 })).toEqual({ id: 7 });
  expect(guestBody(caller, null)).toEqual({ name: "Ida", phone: null, email: null });
});
