import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import * as phoenix from "phoenix";
import * as phoenix170 from "phoenix170";
import * as phoenix1721 from "phoenix1721";
import WebSocket from "ws";
import { connect } from "../../npm/client/heliodor.mjs";
import { until } from "../deadline.mjs";
import { Client, payloads } from "../phoenix-client.mjs";
import { Server } from "../server.mjs";

// What a page's client has taken comes to the server: a member of the room gets it.

describe("messages before the reply to a join", () => {
  let server;
  let room = 0;

  before(async () => {
    server = await Server.start("HELIODOR_SERVE");
  });
  after(() => server?.stop());
  afterEach(() => Client.disconnectAll());

  const ends = {
    "the channel leaves": ({ channel }) => channel.leave(),
    "the client disconnects": ({ client }) => client.disconnect(),
    "another channel with another payload joins": ({ client, channel }) => {
      channel.leave();
      client.channel(channel.topic, { user: "bo" }).join();
    },
  };
  for (const [kind, { Socket }] of Object.entries({ phoenix170, phoenix1721, phoenix })) {
    for (const [what, end] of Object.entries(ends)) {
      for (const isOpen of what === "the client disconnects" ? [true] : [true, false]) {
        test(`are handled though ${what} in the same turn, ${isOpen ? "on an open connection" : "before the connection"}, with ${kind}`, async () => {
          const topic = `room:taken-${++room}`;
          const member = await new Client(server, { params: { user_id: "cy" } }).join(topic, { user: "cy" });
          const client = connect(new Socket(server.socket, { transport: WebSocket, params: { user_id: "ann" } }));
          client.connect();
          if (isOpen) await until("it is open", () => client.status.phase === "open");
          const channel = client.channel(topic, { user: "ann" }).join();
          const texts = ["one", "two", "three"];
          for (const text of texts) channel.push("shout", { text });
          end({ client, channel });
          await until("all have come", () => payloads(member, "shout").length >= texts.length, () => member.seen);
          assert.deepEqual(payloads(member, "shout").map(({ text }) => text), texts);
          client.disconnect();
        });
      }
    }
  }
});
