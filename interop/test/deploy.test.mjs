import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import yaml from "js-yaml";

// The files in deploy: valid by the schemas of Kubernetes and by systemd-analyze, and in agreement with the server.

const run = promisify(execFile);
const file = name => fileURLToPath(new URL(`../../deploy/${name}`, import.meta.url));

const SCHEMAS = {
  Service: "CoreV1Service",
  StatefulSet: "AppsV1StatefulSet",
  PodDisruptionBudget: "PolicyV1PodDisruptionBudget",
  NetworkPolicy: "NetworkingV1NetworkPolicy",
};

/** What is wrong with a document: errors of its schema, and the paths that the schema does not have. */
async function problems(document) {
  const schema = new URL(`../node_modules/kubernetes-models/_schemas/IoK8sApi${SCHEMAS[document.kind]}.js`, import.meta.url);
  const { validate } = (await import(schema)).default;
  const read = new Set();
  const observed = (value, path) =>
    value === null || typeof value !== "object"
      ? value
      : new Proxy(value, {
          get(target, key) {
            const known = typeof key === "string" && Object.hasOwn(target, key) && key !== "length";
            if (known) read.add(`${path}/${key}`);
            return known ? observed(target[key], `${path}/${key}`) : target[key];
          },
        });
  const errors = validate(observed(document, "")) ? [] : validate.errors.map(each => `${each.instancePath} ${each.keyword}`);
  const walk = (value, path) =>
    value === null || typeof value !== "object"
      ? []
      : Object.entries(value).flatMap(([key, child]) =>
          read.has(`${path}/${key}`) ? walk(child, `${path}/${key}`) : [`${path}/${key} unknown`],
        );
  return [...errors, ...walk(document, "")];
}

const manifests = () => readFile(file("kubernetes/heliodor.yaml"), "utf8").then(text => yaml.loadAll(text));
const only = (documents, kind) => documents.filter(each => each.kind === kind)[0];

test("the manifests are valid by the schemas of Kubernetes", async () => {
  for (const document of await manifests()) {
    assert.deepEqual(await problems(document), [], document.kind);
  }
});

test("the schemas detect a wrong type, a missing field and an unknown one", async () => {
  const set = only(await manifests(), "StatefulSet");
  const container = set.spec.template.spec.containers[0];
  container.securityContext.readOnlyRootFilesystem = "yes";
  container.securityContext.readOnlyRoot = true;
  delete container.name;
  assert.deepEqual(await problems(set), [
    "/spec/template/spec/containers/0 required",
    "/spec/template/spec/containers/0/securityContext/readOnlyRootFilesystem type",
    "/spec/template/spec/containers/0/securityContext/readOnlyRoot unknown",
  ]);
});

test("the manifests select the same pods, and name their ports", async () => {
  const documents = await manifests();
  const set = only(documents, "StatefulSet");
  const labels = set.spec.template.metadata.labels;
  const policy = only(documents, "NetworkPolicy");
  const services = documents.filter(each => each.kind === "Service");
  assert.deepEqual(set.spec.selector.matchLabels, labels);
  assert.deepEqual(only(documents, "PodDisruptionBudget").spec.selector.matchLabels, labels);
  assert.deepEqual(policy.spec.podSelector.matchLabels, labels);
  services.forEach(service => assert.deepEqual(service.spec.selector, labels));
  assert.ok(services.some(service => service.metadata.name === set.spec.serviceName && service.spec.clusterIP === "None"));
  const [container] = set.spec.template.spec.containers;
  const ports = container.ports.map(port => port.name);
  const used = [container.startupProbe, container.readinessProbe, container.livenessProbe]
    .map(probe => probe.httpGet.port)
    .concat(policy.spec.ingress.flatMap(rule => rule.ports.map(each => each.port)));
  used.forEach(port => assert.ok(ports.includes(port), port));
});

test("the pods run without rights, and have time to stop", async () => {
  const pod = only(await manifests(), "StatefulSet").spec.template.spec;
  const [container] = pod.containers;
  assert.equal(pod.securityContext.runAsNonRoot, true);
  assert.equal(pod.securityContext.seccompProfile.type, "RuntimeDefault");
  assert.deepEqual(container.securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
  const serve = await readFile(
    fileURLToPath(new URL("../../playground/src/main/java/io/heliodor/playground/ServeCommand.java", import.meta.url)),
    "utf8",
  );
  const halt = Number(/--stop-timeout", hidden = true, defaultValue = "(\d+)"/.exec(serve)[1]);
  assert.ok(pod.terminationGracePeriodSeconds > container.lifecycle.preStop.sleep.seconds + halt);
  const unit = await readFile(file("systemd/heliodor.service"), "utf8");
  assert.ok(Number(/TimeoutStopSec=(\d+)/.exec(unit)[1]) > halt);
});

test("the options of the manifests and of the unit are those of the server", async () => {
  const command = process.env.HELIODOR_SERVE;
  const { stdout } = await run("sh", ["-c", `exec ${command} --help`], { maxBuffer: 1 << 20 });
  const { args } = only(await manifests(), "StatefulSet").spec.template.spec.containers[0];
  const unit = await readFile(file("systemd/heliodor.service"), "utf8");
  const options = [...args.join(" ").matchAll(/--[a-z-]+(?==)/g), ...unit.slice(unit.indexOf(" serve ")).matchAll(/--[a-z-]+(?==)/g)];
  assert.equal(options.length, 12);
  for (const [option] of options) {
    assert.match(stdout, new RegExp(`${option}\\b`));
  }
});

const systemd = await run("systemd-analyze", ["--version"]).then(
  () => false,
  () => "systemd-analyze is missing",
);

test("the unit is valid, and its sandbox is good", { skip: process.env.CI ? false : systemd }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "unit-"));
  try {
    const unit = join(folder, "heliodor.service");
    const text = await readFile(file("systemd/heliodor.service"), "utf8");
    // The path of the program must exist.
    await writeFile(unit, text.replace("/opt/heliodor/java/bin/java", "/bin/true"));
    const verified = await run("systemd-analyze", ["verify", "--man=no", unit]);
    assert.doesNotMatch(verified.stderr, /heliodor\.service/);
    // The exposure is 0 to 10, here tenfold; without a sandbox it is 9.6.
    await run("systemd-analyze", ["security", "--offline=yes", "--threshold=20", unit]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
