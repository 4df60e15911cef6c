// Who is on the phone: a guest whom the book knows, or one as they say their name. Pure.

export interface Caller {
  name: string;
  phone: string;
  email: string;
}

/** As the hub takes it: of whom it knows the id says all, and nothing else may be said. */
export function guestBody(caller: Caller, known: { id: number } | null): object {
  if (known) return { id: known.id };
  return { name: caller.name.trim(), phone: caller.phone.trim() || null, email: caller.email.trim() || null };
}
