import { appendFileSync } from "node:fs";
import { relative } from "node:path";
import { inspect } from "node:util";

const results = process.env.HELIODOR_RESULTS;

/** The names of the suites around a test, for each file: files run beside each other. */
const suites = new Map();

/** The result of a test as a line of JSON; none for a suite that ended as its tests did. */
function lineOf(type, { name, nesting, file = "", skip, todo, details }) {
  const { error } = details;
  const path = [...(suites.get(file) ?? []).slice(0, nesting), name];
  const status = skip !== undefined || todo !== undefined ? "SKIPPED" : type === "test:pass" ? "PASSED" : "FAILED";
  if (details.type === "suite" && (status === "PASSED" || error?.failureType === "subtestsFailed")) return "";
  const failure = status === "FAILED" ? inspect(error?.cause ?? error) : "";
  const line = { file: relative(process.cwd(), file), name: path.join(" > "), status, reason: `${skip || todo || ""}`, failure };
  return `${JSON.stringify(line)}\n`;
}

/** A reporter of Node: it appends the result of each test to the file that HELIODOR_RESULTS names, if it is set. */
export default async function* report(events) {
  for await (const { type, data } of events) {
    if (type === "test:start") {
      const path = (suites.get(data.file ?? "") ?? []).slice(0, data.nesting);
      suites.set(data.file ?? "", [...path, data.name]);
    }
    if (results && (type === "test:pass" || type === "test:fail")) appendFileSync(results, lineOf(type, data));
    yield "";
  }
}
