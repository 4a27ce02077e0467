// A WebSocket in a stream of HTTP/2 (RFC 8441), as browsers open it where a server offers that: node http2-socket.mjs URL TOPIC
// The line "join" of its standard input joins the topic; the answer has the status of the stream and the text of the reply.
import { connect } from "node:http2";
import { createInterface } from "node:readline";

const [url, topic] = process.argv.slice(2);
const { host, origin, pathname } = new URL(url);

/** A text of at most 125 bytes in one frame, masked with zeros. */
function frame(text) {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

async function join() {
  const session = connect(origin);
  const settings = await new Promise((resolve, reject) => session.once("remoteSettings", resolve).once("error", reject));
  if (!settings.enableConnectProtocol) return { status: 0, reply: "WebSocket over HTTP/2 is not offered" };
  const stream = session.request({
    ":method": "CONNECT",
    ":protocol": "websocket",
    ":scheme": "https",
    ":authority": host,
    ":path": `${pathname}/websocket?vsn=2.0.0`,
    "sec-websocket-version": "13",
    origin,
  });
  const { ":status": status } = await new Promise((resolve, reject) => stream.once("response", resolve).once("error", reject));
  if (status !== 200) return { status, reply: "" };
  stream.write(frame(JSON.stringify(["1", "1", topic, "phx_join", {}])));
  const bytes = await new Promise(resolve => stream.once("data", resolve));
  return { status, reply: bytes.toString("latin1") };
}

createInterface({ input: process.stdin })
  .on("line", async () => process.stdout.write(`${JSON.stringify(await join())}\n`))
  .on("close", () => process.exit(0));
