import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Socket } from "phoenix";
import WebSocket from "ws";

/** V2BinaryTests and V2SerializerTests have the same bytes, as those that the server writes and reads. */
const { defaultEncoder, defaultDecoder } = new Socket("ws://127.0.0.1/socket", { transport: WebSocket });

const buffer = hex => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex")).buffer;
const hex = bytes => Buffer.from(bytes).toString("hex");

function decode(bytes) {
  let decoded;
  defaultDecoder(buffer(bytes), message => (decoded = message));
  return decoded;
}

describe("phoenix.js and the binary messages of version 2", () => {
  test("it reads a reply", () => {
    const { payload, ...rest } = decode("01 01 01 07 02 33 37 72 6f 6f 6d 3a c3 a9 6f 6b 01 02 03");
    assert.deepEqual(rest, { join_ref: "3", ref: "7", topic: "room:é", event: "phx_reply" });
    assert.equal(payload.status, "ok");
    assert.equal(hex(payload.response), "010203");
  });

  test("it reads a push", () => {
    const { payload, ...rest } = decode("00 01 07 06 33 72 6f 6f 6d 3a c3 a9 75 70 6c 6f 61 64 be ef");
    assert.deepEqual(rest, { join_ref: "3", ref: null, topic: "room:é", event: "upload" });
    assert.equal(hex(payload), "beef");
  });

  test("it reads a broadcast", () => {
    const { payload, ...rest } = decode("02 07 06 72 6f 6f 6d 3a c3 a9 75 70 6c 6f 61 64 ff");
    assert.deepEqual(rest, { join_ref: null, ref: null, topic: "room:é", event: "upload" });
    assert.equal(hex(payload), "ff");
  });

  test("it writes the push that the server reads", () => {
    const message = { join_ref: "3", ref: "7", topic: "room:é", event: "upload", payload: buffer("dead") };
    defaultEncoder(message, bytes =>
      assert.equal(hex(bytes), "00 01 01 07 06 33 37 72 6f 6f 6d 3a c3 a9 75 70 6c 6f 61 64 de ad".replaceAll(" ", "")),
    );
  });
});
