const { setTimeout, clearTimeout } = globalThis;

/** Longer than phoenix.js waits between two tries to connect or to join. */
const A_WHILE = 120_000;

let now;
let timers;
let ids;

/** Stops the clock of `setTimeout`: time passes only by `pass`, however busy the machine is. */
export function stopClock() {
  now = 0;
  ids = 0;
  timers = new Map();
  globalThis.setTimeout = (run, ms = 0) => {
    timers.set(++ids, { at: now + ms, run });
    return ids;
  };
  globalThis.clearTimeout = id => timers.delete(id);
}

export function startClock() {
  Object.assign(globalThis, { setTimeout, clearTimeout });
}

/** Lets time pass: timers run in their order, also those that they set. */
export function pass(ms = A_WHILE) {
  const end = now + ms;
  for (;;) {
    const due = [...timers].filter(([, { at }]) => at <= end);
    if (due.length === 0) break;
    const [id, { at, run }] = due.reduce((first, each) => (each[1].at < first[1].at ? each : first));
    timers.delete(id);
    now = at;
    run();
  }
  now = end;
}
