import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { after, afterEach, before, test } from "node:test";
import { answer, ask, Client, heard } from "../phoenix-client.mjs";
import { Server } from "../server.mjs";

// The command that starts the server, with another word for the command: `… token` instead of `… serve`. The clients go on
// meanwhile: on a busy machine it takes seconds.
const token = async (...args) => {
  const command = process.env.HELIODOR_SERVE.replace(/ serve$/, " token");
  const { stdout: out } = await promisify(execFile)("sh", ["-c", `exec ${command} "$@"`, "token", ...args]);
  const [, printed] = /^(\S+)\n$/.exec(out) ?? assert.fail(`not a token alone on its line: ${JSON.stringify(out)}`);
  return printed;
};

let server;

before(async () => (server = await Server.start("HELIODOR_SERVE")));
after(() => server?.stop());
afterEach(() => Client.disconnectAll());

const refused = async payload => {
  const { status, response } = await answer(new Client(server).channel("private:1", payload).join());
  assert.equal(status, "error");
  return response;
};

test("a token that the command line printed is accepted", async () => {
  const channel = await new Client(server).join("private:1", { token: await token("--user", "ann") });
  assert.deepEqual(await ask(channel, "echo", { a: 1 }), { status: "ok", response: { a: 1 } });
});

test("no token, a wrong one and one of another key are unauthorized", async () => {
  const good = await token("--user", "ann");
  for (const payload of [{}, { token: "" }, { token: 5 }, { token: null }, { token: "h1.x.y" }, { token: good.slice(1) }, { token: `${good}A` }])
    assert.deepEqual(await refused(payload), { reason: "unauthorized" }, JSON.stringify(payload));
});

test("an expired token is refused as expired", async () => {
  assert.deepEqual(await refused({ token: await token("--user", "ann", "--valid-for", "0") }), { reason: "expired" });
});

test("a client that is refused keeps joining and is accepted with a valid token", async () => {
  const client = new Client(server);
  const good = { token: await token("--user", "ann") };
  let payload = { token: await token("--user", "ann", "--valid-for", "0") };
  const channel = client.channel("private:2", () => payload);
  const joined = new Promise(resolve => channel.join().receive("error", () => (payload = good)).receive("ok", resolve));
  await joined;
  channel.push("shout", { n: 1 });
  await heard(channel, "shout");
});
