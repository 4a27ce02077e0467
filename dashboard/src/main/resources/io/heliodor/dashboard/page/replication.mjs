// @ts-check
import { make, section, setText, Table } from "./dom.mjs";
import { bytes, number, visible } from "./text.mjs";

/** A counter that grew within this time needs action. */
const RECENT = 60_000;

/** Presences of other nodes cannot be dropped: near this part of the memory no client is accepted. */
const LARGE_PART = 0.5;

/** The counters of a report, and the cells that show them. */
const COUNTERS = {
  lostMessages: report => report.cluster?.reachability?.lostMessages,
  historyGaps: report => report.replication.historyGaps,
  historiesDropped: report => report.replication.historiesDropped,
  copiesRefused: report => report.replication.copiesRefused,
  callsAlone: report => report.replication.callsAlone,
};

/** The replication of each node with the others, and the leaders of elections. Cells that need action have a text for it. */
export class ReplicationPanel {
  /** By node and counter the last value, and the time of its last growth by the clock of the node. */
  #seen = new Map();
  #summary = make("p", "quiet");
  #reasons = make("p", "alarm");
  #nodes = new Table(
    [
      "Node",
      "#Presences",
      "#From other nodes",
      "#Unreachable",
      "#Lost messages",
      "#History gaps",
      "#Histories cut",
      "#Copies refused",
      "#Calls without a copy",
    ],
    "",
  );
  #elections = new Table(["Election", "Leader"], "No election is known.");
  #more = make("p", "quiet", "There are more elections.");
  #electionSection = section("Elections", this.#elections.element, this.#more);

  constructor() {
    this.#nodes.element.classList.add("nodes");
    this.element = make("div", "view", section("Replication", this.#reasons, this.#summary, this.#nodes.element), this.#electionSection);
    this.element.hidden = true;
  }

  /** @param {import("./connection.mjs").Calls["overview"]["reply"]["nodes"]} nodes */
  show(nodes) {
    this.element.hidden = !nodes.some(({ report }) => report?.replication);
    const answered = nodes.filter(({ report }) => report);
    const rows = answered.map(each => [each.name, this.#row(each)]);
    // A node that did not answer this time keeps its counters.
    this.#seen = new Map([...this.#seen].filter(([name]) => nodes.some(each => each.name === name)));
    this.#nodes.show(rows);
    const alarms = rows.flatMap(([, cells]) => cells).filter(cell => cell.alarm).length;
    setText(this.#summary, alarms === 0 ? "No number needs action." : `${alarms === 1 ? "1 number needs" : `${alarms} numbers need`} action.`);
    const reasons = answered.flatMap(({ name, report }) => (report.cluster?.reasons ?? []).map(reason => `${visible(name)}: ${visible(reason)}`));
    setText(this.#reasons, reasons.join("\n"));
    this.#reasons.hidden = reasons.length === 0;
    this.#showElections(answered);
  }

  #row({ name, report }) {
    const { replication, cluster, numbers } = report;
    if (!replication) return [`${visible(name)}\nunknown`, ...Array(8).fill("")];
    const growing = this.#growing(name, report);
    const part = numbers.memoryLimit > 0 ? replication.replicatedBytes / numbers.memoryLimit : 0;
    const counter = key => {
      const value = COUNTERS[key](report);
      if (value === undefined) return "";
      return growing.has(key) ? { text: `${number(value)}\ngrowing`, alarm: true } : number(value);
    };
    return [
      visible(name),
      replication.presences === null ? "" : number(replication.presences),
      part >= LARGE_PART
        ? { text: `${bytes(replication.replicatedBytes)}\n${number(100 * part)}% of the memory`, alarm: true }
        : bytes(replication.replicatedBytes),
      unreachable(cluster?.reachability),
      ...Object.keys(COUNTERS).map(counter),
    ];
  }

  /** The counters of a node that have grown since this page is open, and not long ago. A restart begins anew. */
  #growing(name, report) {
    const before = this.#seen.get(name) ?? {};
    const now = {};
    const growing = new Set();
    for (const [key, read] of Object.entries(COUNTERS)) {
      const value = read(report) ?? 0;
      const last = before[key];
      const restarted = last === undefined || value < last.value || report.atMillis < last.at;
      const grewAt = restarted ? undefined : value > last.value ? report.atMillis : last.grewAt;
      now[key] = { value, at: report.atMillis, grewAt };
      if (grewAt !== undefined && report.atMillis - grewAt < RECENT) growing.add(key);
    }
    this.#seen.set(name, now);
    return growing;
  }

  #showElections(answered) {
    const lists = answered.flatMap(({ name, report }) => (report.cluster?.elections ? [{ name, ...report.cluster.elections }] : []));
    const names = [...new Set(lists.flatMap(({ elections }) => elections.map(({ election }) => election)))].sort();
    this.#electionSection.hidden = names.length === 0;
    this.#more.hidden = !lists.some(({ more }) => more);
    this.#elections.show(names.map(name => [name, [visible(name), leader(name, lists)]]));
  }
}

/** The number of elections that a node leads, as the node of the page knows; 0 for a node of an older release. */
export function leads(name, report) {
  return (report?.cluster?.elections?.elections ?? []).filter(({ leader }) => leader === name).length;
}

/** Members without contact, and those that are reached through others. */
function unreachable(reachability) {
  if (!reachability) return "";
  const { suspects, detours } = reachability;
  const parts = [suspects > 0 ? `${number(suspects)} without contact` : "", detours > 0 ? `${number(detours)} by a detour` : ""];
  const text = parts.filter(part => part !== "").join("\n");
  return text === "" ? "0" : { text, alarm: true };
}

/** The leader of an election; each leader with the nodes that see it, if they do not agree. */
function leader(election, lists) {
  const views = new Map();
  for (const { name, elections, more } of lists) {
    const found = elections.find(each => each.election === election);
    // A list that was cut does not show whether its node knows the election.
    if (!found && more) continue;
    const text = found?.leader ? visible(found.leader) : "none";
    views.set(text, [...(views.get(text) ?? []), visible(name)]);
  }
  // A node that did not campaign may not list an election without a leader.
  const [[only] = ["none"]] = views;
  if (views.size === 1) return only === "none" ? { text: "none", alarm: true } : only;
  return { text: [...views].map(([text, names]) => `${text}, as ${names.join(", ")} ${names.length === 1 ? "sees" : "see"}`).join("\n"), alarm: true };
}
