// Who is on the phone: a guest whom the book knows, or one as they say their name. Pure.

export interface Caller {
  name: string;
  phone: string;
  email: string;
}

/** As the hub takes it: of whom it knows the id says who it is, and another e-mail is noted with them. */
export function guestBody(caller: Caller, known: { id: number; email: string | null } | null): object {
  const email = caller.email.trim() || null;
  if (known) return { id: known.id, ...(email?.toLowerCase() !== known.email?.toLowerCase() && { email }) };
  return { name: caller.name.trim(), phone: caller.phone.trim() || null, email };
}
