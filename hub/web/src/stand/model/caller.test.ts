import { expect, test } from "vitest";
import { guestBody } from "./caller.ts";

const said = (email: string) => ({ name: " Ida ", phone: " ", email });

test("of a known guest the id is said, and their e-mail where it is another", () => {
  const known = { id: 7, email: "ida@example.com" };
  expect(guestBody(said("Ida@Example.com "), known)).toEqual({ id: 7 });
  expect(guestBody(said("new@example.com"), known)).toEqual({ id: 7, email: "new@example.com" });
  expect(guestBody(said(""), known)).toEqual({ id: 7, email: null });
  expect(guestBody(said(""), { id: 7, email: null })).toEqual({ id: 7 });
});

test("of another guest what they say", () => {
  expect(guestBody(said(""), null)).toEqual({ name: "Ida", phone: null, email: null });
});
