import { inspect } from "node:util";

/** Long, because a busy machine takes many times as long as a quiet one; no test waits for it unless it fails. */
export const DEADLINE = 60_000;

function overdue(what, state, limit) {
  return new Error(`not within ${limit} ms: ${what}\nstate: ${inspect(state(), { depth: 6, breakLength: 140 })}`);
}

/** What the promise gives, or an error with the state at the end of the deadline. */
export function within(what, promise, state, limit = DEADLINE) {
  let timer;
  const end = new Promise((_, reject) => {
    timer = setTimeout(() => reject(overdue(what, state, limit)), limit);
  });
  return Promise.race([promise, end]).finally(() => clearTimeout(timer));
}

/** Waits until `condition` gives something true, and gives that. */
export async function until(what, condition, state = () => "", limit = DEADLINE) {
  const end = performance.now() + limit;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > end) throw overdue(what, state, limit);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}
