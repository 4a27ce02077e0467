/** A WebSocket whose server is a test. Heartbeats have their replies. */
export class FakeTransport {
  static open = [];
  static made = 0;
  readyState = 0;
  bufferedAmount = 0;
  sent = [];

  constructor(url, protocols) {
    this.url = url;
    this.protocols = protocols;
    FakeTransport.made++;
    FakeTransport.open.push(this);
  }

  accept() {
    this.readyState = 1;
    this.onopen();
    return this;
  }

  send(text) {
    const [joinRef, ref, topic, event, payload] = JSON.parse(text);
    const frame = { joinRef, ref, topic, event, payload };
    if (event === "heartbeat") queueMicrotask(() => this.readyState === 1 && this.reply(frame));
    else this.sent.push(frame);
  }

  close(code = 1000) {
    if (this.readyState === 3) return;
    this.readyState = 3;
    FakeTransport.open = FakeTransport.open.filter(each => each !== this);
    this.onclose?.({ code });
  }

  /** The frames that the page has sent since the last call. */
  take() {
    return this.sent.splice(0);
  }

  receive(joinRef, ref, topic, event, payload) {
    this.onmessage({ data: JSON.stringify([joinRef, ref, topic, event, payload]) });
  }

  reply({ joinRef, ref, topic }, response = {}, status = "ok") {
    this.receive(joinRef, ref, topic, "phx_reply", { status, response });
  }
}
