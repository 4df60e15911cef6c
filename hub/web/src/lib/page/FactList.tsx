// What a page says of one thing: pairs of a name and its text.
export function FactList({ facts }: { facts: readonly string[][] }) {
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
