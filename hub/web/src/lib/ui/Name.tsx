// A text that somebody wrote: it keeps its own direction, whatever stands around it.
export function Name({ text }: { text: string }) {
  return <bdi>{text}</bdi>;
}
