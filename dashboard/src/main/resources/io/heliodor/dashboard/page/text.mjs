// @ts-check
// Topics, ids and names are chosen by clients: they are shown as text, and what cannot be seen is shown escaped.

/** Control characters, surrogates alone, bidirectional marks, and characters without a width. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]/gu;

/** A text in which each hidden character is written as \u{...}. */
export function visible(text) {
  return String(text).replace(HIDDEN, character => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 });
const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

export function number(value) {
  return whole.format(value);
}

/** A number of bytes with its unit. */
export function bytes(value) {
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${(value < 10 && unit > 0 ? tenths : whole).format(value)} ${UNITS[unit]}`;
}

/** A rate; "" while it is not known. */
export function rate(value, format = number) {
  return value === undefined ? "" : `${value > 0 && value < 10 && format === number ? tenths.format(value) : format(value)}/s`;
}

/** A time in milliseconds as the largest unit of it. */
export function age(ms) {
  if (ms < 1000) return `${whole.format(ms)} ms`;
  if (ms < 120_000) return `${whole.format(ms / 1000)} s`;
  return ms < 7_200_000 ? `${whole.format(ms / 60_000)} min` : `${whole.format(ms / 3_600_000)} h`;
}
