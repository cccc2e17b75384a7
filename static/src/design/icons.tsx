/** The icon set: 24 × 24, drawn with a 1.75 stroke in the text's colour; a few are filled. */

const OUTLINES = {
  close: "M6 6l12 12M18 6L6 18",
  back: "M15 5l-7 7 7 7",
  "chevron-right": "M9 5l7 7-7 7",
  "chevron-down": "M5 9l7 7 7-7",
  "chevron-up": "M5 15l7-7 7 7",
  "arrow-down": "M12 5v14M6 13l6 6 6-6",
  "arrow-up": "M12 19V5M6 11l6-6 6 6",
  chat: "M4 5.5h16v11H10l-4.5 3.5v-3.5H4z",
  send: "M4 12L20 4.5 15.5 20l-4-6.2zM11.5 13.8L20 4.5",
  heart: "M12 20S3.5 15 3.5 9.2A4.7 4.7 0 0 1 12 6.4a4.7 4.7 0 0 1 8.5 2.8C20.5 15 12 20 12 20z",
  bag: "M5.5 8h13l1 12.5h-15zM8.5 10.5V7a3.5 3.5 0 0 1 7 0v3.5",
  pin: "M12 21s-6.5-6-6.5-11a6.5 6.5 0 0 1 13 0c0 5-6.5 11-6.5 11zM12 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  thumbtack: "M9 4h6l-.7 6 3.2 3.5h-11L9.7 10zM12 13.5V20",
  locate: "M12 18.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM12 2.5v3M12 18.5v3M2.5 12h3M18.5 12h3M12 13.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3z",
  store: "M4 10l1.5-5.5h13L20 10M4 10a2.7 2.7 0 0 0 5.3 0 2.7 2.7 0 0 0 5.4 0A2.7 2.7 0 0 0 20 10M5.5 12.5V20h13v-7.5M10 20v-4.5h4V20",
  clock: "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 7.5V12l3 2",
  calendar: "M4.5 6h15v14h-15zM4.5 10.5h15M8.5 3.5V7M15.5 3.5V7",
  phone: "M6 3.5h3.5l1.5 4.5-2.2 1.7a12 12 0 0 0 5.5 5.5L16 13l4.5 1.5V18a2.5 2.5 0 0 1-2.7 2.5C10.5 20 4 13.5 3.5 6.2A2.5 2.5 0 0 1 6 3.5z",
  search: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20.5 20.5",
  flag: "M5.5 21V4M5.5 4.5h12l-2.2 4 2.2 4h-12",
  user: "M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5a7.5 7.5 0 0 1 15 0",
  users: "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 19.5a6.5 6.5 0 0 1 13 0M16 4.8a3.5 3.5 0 0 1 0 6.4M18 14.2a6.5 6.5 0 0 1 3.5 5.3",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 14.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6z",
  "sound-on": "M4 9.5h3.5L12 5.5v13l-4.5-4H4zM15.5 9a4.2 4.2 0 0 1 0 6M18 6.5a7.8 7.8 0 0 1 0 11",
  "sound-off": "M4 9.5h3.5L12 5.5v13l-4.5-4H4zM16 9.5l5 5M21 9.5l-5 5",
  camera: "M3.5 7.5h11.5v9H3.5zM15 11l5.5-3v8L15 13z",
  "camera-off": "M3.5 7.5H9M12 7.5h3v4.5M15 16.5H3.5v-9M15 11l5.5-3v8L17 14M3 3l18 18",
  "camera-flip": "M4 8h3.5L9 5.5h6L16.5 8H20v11H4zM9 13.5a3 3 0 0 1 5.4-1.8M15 13.5a3 3 0 0 1-5.4 1.8M14.6 9.9v1.9h-1.9M9.4 17.1v-1.9h1.9",
  photo: "M4 8h3.5L9 5.5h6L16.5 8H20v11H4zM12 16.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4z",
  mic: "M12 14.5a3 3 0 0 0 3-3V6.5a3 3 0 0 0-6 0v5a3 3 0 0 0 3 3zM6 11.5a6 6 0 0 0 12 0M12 17.5V21",
  "mic-off": "M9 9.5v2a3 3 0 0 0 4.5 2.6M15 10V6.5a3 3 0 0 0-5.8-1M6 11.5a6 6 0 0 0 9.5 4.9M18 11.5a6 6 0 0 1-.5 2.4M12 17.5V21M4 4l16 16",
  check: "M5 12.5l4.5 4.5L19 7.5",
  "check-circle": "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM8.2 12.3l2.6 2.6 5-5.2",
  alert: "M12 4L2.8 19.5h18.4zM12 10v4.5M12 17v.2",
  info: "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM12 11v5.5M12 7.6v.2",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  trash: "M4.5 6.5h15M9.5 6.5V4h5v2.5M6.5 6.5l1 14h9l1-14M10.2 10.5v6M13.8 10.5v6",
  edit: "M4.5 19.5l1-4.5L16 4.5l3.5 3.5L9 18.5zM13.5 7l3.5 3.5",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 9.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM9 19.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4z",
  globe: "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM3.5 12h17M12 3.5c2.6 2.4 3.6 5.2 3.6 8.5s-1 6.1-3.6 8.5c-2.6-2.4-3.6-5.2-3.6-8.5s1-6.1 3.6-8.5z",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6L7 7M17 17l1.4 1.4M5.6 18.4L7 17M17 7l1.4-1.4",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
  scooter: "M6 19a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM18.5 19a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM8.5 16.5H14L16.5 7H13M14 16.5c.5-2.5 2.2-4 4.5-4M3 12h6.5M4 8.5h5V12",
  box: "M4 8l8-4 8 4v8.5l-8 4-8-4zM4 8l8 4 8-4M12 12v8.5M8 6l8 4",
  home: "M4 11.5L12 4l8 7.5M6 10v10h12V10M10 20v-5.5h4V20",
  card: "M3.5 6h17v12.5h-17zM3.5 10h17M6.5 15h4",
  refresh: "M19.5 11A7.7 7.7 0 0 0 5.6 7.7L4 10M4 5v5h5M4.5 13a7.7 7.7 0 0 0 13.9 3.3L20 14M20 19v-5h-5",
  share: "M12 15V4M8 7.5L12 3.5l4 4M5 12.5v7.5h14v-7.5",
  list: "M8.5 6.5H20M8.5 12H20M8.5 17.5H20M4 6.5h.5M4 12h.5M4 17.5h.5",
  receipt: "M5.5 3.5h13v17l-2.2-1.5-2.1 1.5-2.2-1.5-2.2 1.5-2.1-1.5-2.2 1.5zM9 8.5h6M9 12.5h6",
  "sign-out": "M14 4.5H5v15h9M10 12h10.5M17 8.5l3.5 3.5-3.5 3.5",
  bolt: "M13 3L5.5 13.5H11L10.5 21 18.5 10.5H13z",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 2.5-2.5L20 17M15 9.2v.1",
  grip: "M9 6v.1M15 6v.1M9 12v.1M15 12v.1M9 18v.1M15 18v.1",
  shield: "M12 3.5l7.5 2.7v5.3c0 4.5-3 7.7-7.5 9.5-4.5-1.8-7.5-5-7.5-9.5V6.2z",
  ban: "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17zM6 6l12 12",
  copy: "M8.5 8.5h11v11h-11zM15.5 8.5v-4h-11v11h4",
  qr: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.5v2.5H14zM20 14v2.5M17.5 20H20v-1M14 20v-.5M7 7v.1M17 7v.1M7 17v.1",
  signal: "M5 19v-3M9.7 19v-6M14.3 19v-9M19 19V6",
  "signal-off": "M5 19v-3M9.7 19v-6M14.3 19v-4M19 19v-1M19 12V6M3.5 3.5l17 17",
  ticket: "M4 6.5h16v3.6a2 2 0 0 0 0 3.8v3.6H4v-3.6a2 2 0 0 0 0-3.8zM14 6.5v2M14 11v2M14 15.5v2",
  tag: "M4 4h8l8.5 8.5-8 8L4 12zM8.5 8.5v.1",
  upload: "M12 16V5M8 8.5l4-4 4 4M4.5 15v4.5h15V15",
  lock: "M6 10.5h12v9.5H6zM8.5 10.5V8a3.5 3.5 0 0 1 7 0v2.5",
  note: "M5 4h14v16H5zM8.5 9h7M8.5 12.5h7M8.5 16h4",
  navigate: "M4 11.5L20 4l-7.5 16-1.7-6.8z",
  broadcast: "M12 13.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM8.5 15.5a5 5 0 0 1 0-7M15.5 8.5a5 5 0 0 1 0 7M5.7 18.3a9 9 0 0 1 0-12.6M18.3 5.7a9 9 0 0 1 0 12.6",
  bell: "M6.5 16.5V11a5.5 5.5 0 0 1 11 0v5.5l1.5 1.5H5zM10 20.5h4",
  filter: "M4 6h16M7 12h10M10 18h4",
} as const;

const SOLIDS = {
  "heart-solid": "M12 20S3.5 15 3.5 9.2A4.7 4.7 0 0 1 12 6.4a4.7 4.7 0 0 1 8.5 2.8C20.5 15 12 20 12 20z",
  play: "M7.5 4.8v14.4a.8.8 0 0 0 1.2.7l11.5-7.2a.8.8 0 0 0 0-1.4L8.7 4.1a.8.8 0 0 0-1.2.7z",
  pause: "M6.5 5h3.7v14H6.5zM13.8 5h3.7v14h-3.7z",
  stop: "M6.5 6.5h11v11h-11z",
  more: "M6 13.7a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4zM12 13.7a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4zM18 13.7a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4z",
  dot: "M12 16.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9z",
  star: "M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9-4.3-4.1 5.9-.8z",
} as const;

export type IconName = keyof typeof OUTLINES | keyof typeof SOLIDS;

export interface IconProps {
  name: IconName;
  /** Side in CSS pixels. */
  size?: number;
  class?: string;
  /** Said by screen readers; without it the icon is decoration. */
  label?: string;
}

const solids: Readonly<Record<string, string>> = SOLIDS;
const outlines: Readonly<Record<string, string>> = OUTLINES;

export function Icon({ name, size = 24, class: extra, label }: IconProps) {
  const solid = solids[name];
  return (
    <svg
      class={extra ? `n-icon ${extra}` : "n-icon"}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill={solid ? "currentColor" : "none"}
      stroke={solid ? "none" : "currentColor"}
      stroke-width="1.75"
      stroke-linecap="round"
      stroke-linejoin="round"
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : "true"}
      focusable="false"
    >
      <path d={solid ?? outlines[name] ?? ""} />
    </svg>
  );
}

/** The mark: a place pin whose eye is a live dot. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg class="n-mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path
        class="n-mark__pin"
        d="M16 30S4.5 20.8 4.5 12.7a11.5 11.5 0 0 1 23 0C27.5 20.8 16 30 16 30z"
      />
      <path class="n-mark__play" d="M13 8.2v9.2a.7.7 0 0 0 1.1.6l7-4.6a.7.7 0 0 0 0-1.2l-7-4.6a.7.7 0 0 0-1.1.6z" />
    </svg>
  );
}

export function Wordmark({ size = 28 }: { size?: number }) {
  return (
    <span class="n-wordmark">
      <Mark size={size} />
      <span>Nearlive</span>
    </span>
  );
}
