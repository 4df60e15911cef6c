// How the restaurant is reached, where it says so.
import { Name } from "../ui/Name.tsx";
import { venue, words } from "./state.ts";

export function Contact() {
  const { phone, address } = venue.value ?? {};
  if (!phone && !address) return null;
  return (
    <p>
      {address && <Name text={address} />}{" "}
      {phone && <a href={`tel:${phone.replace(/[^+\d]/g, "")}`}>{words.value.reach(phone)}</a>}
    </p>
  );
}
