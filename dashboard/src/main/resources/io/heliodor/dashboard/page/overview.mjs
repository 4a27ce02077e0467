// @ts-check
import { make, section, setText, Table } from "./dom.mjs";
import { Rates } from "./rates.mjs";
import { leads, ReplicationPanel } from "./replication.mjs";
import { bytes, number, rate, visible } from "./text.mjs";

const SVG = "http://www.w3.org/2000/svg";
const STATES = { OK: "", NO_DASHBOARD: "no dashboard", NO_ANSWER: "no answer" };

/** A figure with the line of its last minute. */
class Figure {
  #value = make("b", "");
  #line = document.createElementNS(SVG, "polyline");

  constructor(title, read, format) {
    this.read = read;
    this.format = format;
    const chart = document.createElementNS(SVG, "svg");
    chart.setAttribute("viewBox", "0 0 60 20");
    chart.setAttribute("preserveAspectRatio", "none");
    chart.setAttribute("aria-hidden", "true");
    chart.append(this.#line);
    this.element = make("div", "figure", make("span", "", title), this.#value, chart);
  }

  show(points) {
    const values = points.map(this.read);
    const most = Math.max(1, ...values);
    setText(this.#value, this.format(values.at(-1) ?? 0));
    this.#line.setAttribute("points", values.map((value, i) => `${60 - values.length + i},${19 - (18 * value) / most}`).join(" "));
  }
}

/** All nodes: their numbers, links, closes and refusals. */
export class OverviewView {
  title = "Overview";
  call = "overview";
  #rates = new Rates();
  #notice = make("p", "notice");
  #figures = [
    new Figure("Connections", point => point.connections, number),
    new Figure("Messages in", point => point.framesIn, value => rate(value)),
    new Figure("Messages out", point => point.framesOut, value => rate(value)),
    new Figure("Bytes in", point => point.bytesIn, value => rate(value, bytes)),
    new Figure("Bytes out", point => point.bytesOut, value => rate(value, bytes)),
  ];
  #nodes = new Table(
    ["Node", "#Connections", "#Channels", "#Topics", "#Messages in", "#Messages out", "#Waiting", "#Paused", "#Oldest handler", "#Memory", "!Actions"],
    "No node has answered yet.",
  );
  #closes = new Table(["Reason", "#Closed"], "No connection has ended.");
  #refusals = new Table(["Reason", "#Refused"], "No request was refused.");
  #replication = new ReplicationPanel();
  #links = new Table(["From", "To", "#Round trip", "#Queued", ""], "This is one node without a cluster.");

  /** @param {import("./actions.mjs").Actions} actions */
  constructor(actions) {
    this.actions = actions;
    this.#notice.hidden = true;
    this.#nodes.element.classList.add("nodes");
    this.element = make(
      "div",
      "view",
      this.#notice,
      make("div", "figures", ...this.#figures.map(({ element }) => element)),
      section("Nodes", this.#nodes.element),
      this.#replication.element,
      make(
        "div",
        "columns",
        section("Connections closed", this.#closes.element),
        section("Requests refused", this.#refusals.element),
      ),
      section("Links", this.#links.element),
    );
  }

  payload() {
    return {};
  }

  /** @param {import("./connection.mjs").Calls["overview"]["reply"]} overview */
  show({ node, members, nodes }) {
    const rates = this.#rates.add(nodes);
    for (const figure of this.#figures) figure.show(this.#rates.points);
    this.#notice.hidden = members <= nodes.length;
    setText(this.#notice, `${nodes.length} of ${members} nodes are shown.`);
    this.#nodes.show(nodes.map(each => [each.name, this.#row(each, rates.get(each.name), each.name === node, nodes[0])]));
    this.#replication.show(nodes);
    this.#closes.show(sums(nodes, "closed"));
    this.#refusals.show(sums(nodes, "refused"));
    this.#links.show(
      nodes.flatMap(({ name, report }) =>
        (report?.cluster?.links ?? []).map(({ peer, queuedBytes, roundTripMicros, through }) => [
          `${name} ${peer}`,
          [
            visible(name),
            visible(peer),
            roundTripMicros === undefined || roundTripMicros === null ? "" : `${(roundTripMicros / 1000).toFixed(1)} ms`,
            bytes(queuedBytes),
            through ? `through ${visible(through)}` : "",
          ],
        ]),
      ),
    );
  }

  #row({ name, state, report }, rates, own, { report: first }) {
    const cluster = first?.cluster;
    const led = leads(name, first);
    const roles = [
      STATES[state],
      own ? "this page" : "",
      cluster?.coordinator === name ? "coordinator" : "",
      cluster?.notVoting.includes(name) ? "not voting" : cluster?.voters.includes(name) ? "voter" : "",
      led > 0 ? `leads ${number(led)} ${led === 1 ? "election" : "elections"}` : "",
    ];
    const numbers = report?.numbers;
    const cells = numbers
      ? [
          number(numbers.connections),
          number(numbers.channels),
          number(numbers.topics),
          rate(rates?.framesIn),
          rate(rates?.framesOut),
          number(numbers.mailboxMessages),
          number(numbers.pausedConnections),
          numbers.oldestHandlerSeconds > 0 ? `${numbers.oldestHandlerSeconds} s` : "",
          memory(numbers, report.directMemory),
        ]
      : Array(9).fill("");
    return [[visible(name), roles.filter(role => role !== "").join(", ")].join("\n"), ...cells, () => this.actions.ofNode(name)];
  }
}

/** The heap and the direct memory of a node: clients are refused at three quarters of the heap, and closed at the limit of the other. */
function memory({ memoryUsed, memoryLimit }, direct) {
  const heap = `${bytes(memoryUsed)} of ${bytes(memoryLimit)}`;
  const text = direct ? `${heap}\ndirect ${bytes(direct.used)} of ${bytes(direct.limit)}` : heap;
  const full = isOver(memoryUsed, 0.75 * memoryLimit) || (direct && isOver(direct.used, 0.9 * direct.limit));
  return full ? { text: `${text}\nnearly full`, alarm: true } : text;
}

/** A node of an older release has no limit. */
const isOver = (used, limit) => limit > 0 && used >= limit;

/** The sums of counters of all nodes, the largest first. */
function sums(nodes, key) {
  const all = new Map();
  for (const { report } of nodes) {
    for (const { name, count } of report?.[key] ?? []) all.set(name, (all.get(name) ?? 0) + count);
  }
  return [...all].sort((a, b) => b[1] - a[1]).map(([name, count]) => [name, [visible(name), number(count)]]);
}
