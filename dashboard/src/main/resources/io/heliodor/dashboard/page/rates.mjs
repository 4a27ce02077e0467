// @ts-check
const POINTS = 60;

/** The totals from which rates are made. */
const TOTALS = ["opened", "framesIn", "framesOut", "bytesIn", "bytesOut"];

/** Rates between two overviews, by the clock of each node. */
export class Rates {
  #before = new Map();

  /** The sums of all nodes in the last minute, the newest last. */
  points = [];

  /** Adds the reports of the nodes that answered; returns their rates by node. Those of a node's first report are not known. */
  add(nodes) {
    const rates = new Map();
    const sum = { connections: 0, framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0 };
    const now = new Map();
    for (const { name, report } of nodes) {
      if (!report) continue;
      const before = this.#before.get(name);
      const seconds = before ? (report.atMillis - before.atMillis) / 1000 : 0;
      if (before && seconds > 0 && report.numbers.opened >= before.numbers.opened) {
        rates.set(name, Object.fromEntries(TOTALS.map(key => [key, Math.max(0, report.numbers[key] - before.numbers[key]) / seconds])));
      }
      // The same answer as before: it is at most a second old.
      if (before && seconds === 0) rates.set(name, before.rates);
      now.set(name, { ...report, rates: rates.get(name) });
      sum.connections += report.numbers.connections;
      for (const key of TOTALS) if (key in sum) sum[key] += rates.get(name)?.[key] ?? 0;
    }
    this.#before = now;
    this.points = [...this.points, sum].slice(-POINTS);
    return rates;
  }
}
