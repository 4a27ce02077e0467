import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Socket } from "phoenix";
import WebSocket from "ws";
import { FIRE } from "../alerts.mjs";
import { Cluster } from "../cluster.mjs";
import { until } from "../deadline.mjs";
import { freePorts } from "../ports.mjs";
import { long } from "../size.mjs";

// The alerts and the dashboard of deploy/monitoring, with Prometheus and two nodes.

const run = promisify(execFile);
const FOLDER = fileURLToPath(new URL("../../deploy/monitoring/", import.meta.url));
const RULES = join(FOLDER, "heliodor.rules.yml");

function noPrometheus() {
  try {
    execFileSync("prometheus", ["--version"], { stdio: "ignore" });
    return false;
  } catch {
    assert.ok(!process.env.CI, "prometheus is missing");
    return "prometheus is missing";
  }
}

describe("monitoring with Prometheus", { skip: long || noPrometheus() }, () => {
  let folder;
  let cluster;
  let prometheus;
  let address;
  let output = "";
  let client;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "heliodor-prometheus-"));
    cluster = await Cluster.start("ann", "bo");
    client = new Socket(cluster.servers[0].socket, { transport: WebSocket });
    client.connect();
    await new Promise((resolve, reject) => client.channel("room:1", { user: "ann" }).join().receive("ok", resolve).receive("error", reject));

    const targets = cluster.servers.map(({ url }) => new URL(url).host);
    const config = {
      global: { scrape_interval: "1s", evaluation_interval: "1s" },
      rule_files: [RULES],
      scrape_configs: [{ job_name: "heliodor", static_configs: [{ targets }] }],
    };
    await writeFile(join(folder, "prometheus.yml"), JSON.stringify(config));
    const [port] = await freePorts(1);
    address = `http://127.0.0.1:${port}`;
    const options = { "config.file": join(folder, "prometheus.yml"), "storage.tsdb.path": join(folder, "data"), "web.listen-address": `127.0.0.1:${port}` };
    prometheus = spawn("prometheus", Object.entries(options).map(([name, value]) => `--${name}=${value}`));
    for (const stream of [prometheus.stdout, prometheus.stderr]) stream.on("data", text => (output += text));
    // Its second scrape has the first handlers: the first one creates the meters.
    await until("both nodes are scraped", async () => {
      const { result } = await query("count_over_time(heliodor_connections[1m]) > 1").catch(() => ({ result: [] }));
      return result.length === 2;
    }, () => output);
    await new Promise(resolve => client.channel("room:2", { user: "ann" }).join().receive("ok", resolve));
    await until("the join is scraped", async () => (await query("heliodor_handlers_seconds_bucket")).result.length > 0, () => output);
  });
  after(async () => {
    client?.disconnect();
    prometheus?.kill();
    await cluster?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** The data of a query. */
  async function query(expression) {
    const { status, data, error } = await (await fetch(`${address}/api/v1/query?query=${encodeURIComponent(expression)}`)).json();
    assert.equal(status, "success", `${expression}: ${error}`);
    return data;
  }

  const alerts = async () => {
    const { data } = await (await fetch(`${address}/api/v1/rules`)).json();
    return data.groups.flatMap(({ rules }) => rules);
  };

  /** The expressions of the dashboard, as Grafana sends them. */
  const panels = async () => {
    const { panels } = JSON.parse(await readFile(join(FOLDER, "heliodor.dashboard.json"), "utf8"));
    return panels
      .flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })))
      .map(({ title, expr }) => ({ title, expr: expr.replaceAll("$instance", ".*").replaceAll("$__rate_interval", "1m") }));
  };

  /** The parts of an expression that select series: each has some. */
  async function checkSelectors(expression, name) {
    await query(expression);
    for (const [selector] of expression.matchAll(/heliodor_\w+({[^}]*})?/g)) {
      if (selector.includes('result!="ok"')) continue; // there was no failure
      const { result } = await query(selector);
      assert.ok(result.length > 0, `${name}: ${selector} selects nothing`);
    }
  }

  test("each alert has an expression over meters that the servers have", async () => {
    const all = await alerts();
    assert.ok(all.length > 20);
    for (const { name, query: expression, health } of all) {
      assert.notEqual(health, "err", name);
      await checkSelectors(expression, name);
    }
  });

  test("none fires at two idle nodes", async () => {
    await until("all are evaluated", async () => (await alerts()).every(({ health }) => health === "ok"), () => output);
    assert.deepEqual((await alerts()).filter(({ state }) => state !== "inactive").map(({ name }) => name), []);
  });

  test("each panel of the dashboard shows meters that the servers have", async () => {
    const all = await panels();
    assert.ok(all.length > 30);
    for (const { title, expr } of all) await checkSelectors(expr, title);
  });

  test("alerts fire when they should, not before, and end", async () => {
    const rules = await alerts();
    assert.deepEqual(Object.keys(FIRE).sort(), rules.map(({ name }) => name).sort(), "each alert has a case");
    for (const [name, { fires }] of Object.entries(FIRE)) assert.deepEqual(Object.values(fires).at(-1), [], `${name} ends`);
    // Evaluations are most of the time of this test, and more than one in 15 s changes nothing for values of a minute.
    const files = await Promise.all([["1m", "15s"], ["5s", "5s"]].map(async ([of, evaluation_interval]) => {
      const tests = Object.entries(FIRE).filter(([, { interval = "1m" }]) => interval === of).map(([alertname, { interval = "1m", series, fires }]) => {
        const { labels, annotations } = rules.find(({ name }) => name === alertname);
        assert.equal(typeof annotations.summary, "string");
        return {
          interval,
          input_series: Object.entries(series).map(([series, values]) => ({ series, values })),
          promql_expr_test: Object.entries(fires).map(([eval_time, firing]) => ({
            expr: `count by (severity, job, instance) (ALERTS{alertname="${alertname}", alertstate="firing"})`,
            eval_time,
            exp_samples: firing.map(own => ({ labels: selector({ ...labels, ...own }), value: 1 })),
          })),
        };
      });
      const file = join(folder, `unit-${of}.yml`);
      await writeFile(file, JSON.stringify({ rule_files: [RULES], evaluation_interval, tests }));
      return { file, tests };
    }));
    assert.equal(files.flatMap(({ tests }) => tests).length, rules.length, "each case is in a file");
    await run("promtool", ["test", "rules", ...files.map(({ file }) => file)]).catch(({ stdout, stderr }) => assert.fail(stdout + stderr));
  });

  const selector = labels => `{${Object.entries(labels).map(([name, value]) => `${name}="${value}"`)}}`;
});
