// Small signs, drawn here: a device's own fonts lack some of them.
const PATHS = {
  note: "M4 12.5 11.5 5l2 2L6 14.5H4zM10.5 4 12 2.5l2 2L12.5 6",
  house: "M2.5 8 8 3l5.5 5M4.5 7v6.5h7V7",
  star: "M8 2l1.8 3.9 4.2.5-3.1 2.9.8 4.2L8 11.4l-3.7 2.1.8-4.2L2 6.4l4.2-.5z",
  needs: "M7 3.2a.8.8 0 1 0 .1 0M7 5v4.5h4l1.8 4M6 7a3.7 3.7 0 1 0 4.5 5",
  nut: "M5.6 2.3c2 0 3.2 1.5 3 3.1-.1 1 .4 1.6 1.3 2 1.9.7 2.8 2.3 2.4 4-.4 1.8-2.3 2.7-4.2 2-2.3-.8-4.6-3.3-5.2-5.6-.7-2.8.4-5.5 2.7-5.5M5 6h1.5M8 10h1.5",
  pin: "M8 9.5V14M5 9.5h6M6 9.5 6.6 3h2.8l.6 6.5",
  joined: "M2.5 5.5h6v5h-6zM7.5 7.5h6v5h-6z",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="sign" viewBox="0 0 16 16" width="1em" height="1em" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        fill="none"
        stroke="currentColor"
        stroke-width="1.5"
        stroke-linejoin="round"
        stroke-linecap="round"
      />
    </svg>
  );
}
