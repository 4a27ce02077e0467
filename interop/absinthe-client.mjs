// Two clients of Absinthe at the socket whose address is the argument; see AbsintheIT.
import assert from "node:assert/strict";
import absinthe from "@absinthe/socket";
import { Socket } from "phoenix";
import WebSocket from "ws";
import { until } from "./deadline.mjs";

const [address] = process.argv.slice(2);
const sockets = [];

/** A client, with the results of its subscription and the messages on its connection. */
async function connect() {
  const socket = new Socket(address, { transport: WebSocket });
  socket.connect();
  sockets.push(socket);
  const client = { absinthe: absinthe.create(socket), results: [], frames: [], errors: [], started: false };
  socket.onMessage(({ topic, event, join_ref }) => client.frames.push({ topic, event, join_ref }));
  client.notifier = absinthe.send(client.absinthe, { operation: "subscription { added }", variables: {} });
  client.observer = {
    onStart: () => (client.started = true),
    onResult: result => client.results.push(result),
    onAbort: error => client.errors.push(`${error}`),
    onError: error => client.errors.push(`${error}`),
  };
  absinthe.observe(client.absinthe, client.notifier, client.observer);
  await until("the subscription has started", () => client.started, () => client);
  return client;
}

async function add(client, text) {
  const answers = [];
  const notifier = absinthe.send(client.absinthe, { operation: "mutation ($text: String!) { add(text: $text) }", variables: { text } });
  absinthe.observe(client.absinthe, notifier, { onResult: result => answers.push(result) });
  await until(`${text} is added`, () => answers.length > 0);
  assert.deepEqual(answers.map(({ data }) => data), [{ add: text }]);
}

const [ann, bo] = [await connect(), await connect()];
await add(ann, "a");
await add(bo, "b");
const results = texts => texts.map(text => ({ data: { added: text } }));
for (const client of [ann, bo]) {
  await until("both results", () => client.results.length === 2, () => client);
  assert.deepEqual(client.results, results(["a", "b"]));
  const data = client.frames.filter(({ event }) => event === "subscription:data");
  assert.equal(data.length, 2);
  for (const { topic, join_ref } of data) {
    assert.match(topic, /^__absinthe__:doc:\d+$/);
    assert.equal(join_ref, null);
  }
}
const topicOf = client => client.frames.find(({ event }) => event === "subscription:data").topic;
assert.notEqual(topicOf(ann), topicOf(bo));

// A subscription that is cancelled gets nothing more, and that of the other client goes on.
absinthe.cancel(ann.absinthe, ann.notifier);
await add(ann, "c");
await until("the third result", () => bo.results.length === 3, () => bo);
assert.deepEqual(ann.results, results(["a", "b"]));
for (const client of [ann, bo]) assert.deepEqual(client.errors, []);
for (const socket of sockets) socket.disconnect();
