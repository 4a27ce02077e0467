import { withHistory } from "../npm/client/heliodor.mjs";
import { until } from "./deadline.mjs";
import { Client } from "./phoenix-client.mjs";

const TOPICS = 10;

/** One client in three of a topic publishes: one at each node. */
const PUBLISHERS = 3 * TOPICS;

/** Each of them publishes so often, to both of its topics. */
const INTERVAL = 200;

/** One topic as a client sees it: messages of a publisher come one after the other, from the first to the last. */
class Feed {
  faults = [];

  /** The number of the last message of each life of a publisher. */
  latest = new Map();

  constructor(name, topic) {
    this.name = name;
    this.topic = topic;
  }

  got({ p, n }, first) {
    const before = this.latest.get(p);
    const expected = before === undefined ? first : before + 1;
    if (expected !== undefined && n !== expected) this.faults.push(`${this.name} on ${this.topic}: ${p} ${n}, not ${expected}`);
    this.latest.set(p, n);
  }
}

/** A client of two topics, one of them with a history. When its server goes, it comes back at another one. */
class Member {
  lives = 0;
  confirmed = new Map();

  constructor(number, servers) {
    this.number = number;
    this.servers = servers;
    this.client = new Client(servers[number % 3], { reconnectAfterMs: () => 20 + Math.random() * 200 });
    const { socket } = this.client;
    socket.onClose(() => {
      this.turn = (this.turn ?? number) + 1;
      socket.endPoint = `${servers[this.turn % 3].socket}/websocket`;
    });
    const group = number % TOPICS;
    this.kept = new Feed(`client ${number}`, `history:rolling-${group}`);
    this.plain = new Feed(`client ${number}`, `room:rolling-${group}`);
    this.keptChannel = withHistory(socket, this.kept.topic);
    // Kept messages are missed neither between the publisher's first one and this client's, nor while it is away.
    this.keptChannel.on("shout", message => {
      this.kept.got(message, 1);
      if (message.p === this.life) this.confirmed.set(message.p, message.n);
    });
    this.keptChannel.onRecovered(({ recovered }) => {
      if (this.joined && !recovered) this.kept.faults.push(`client ${number} did not recover`);
      this.joined = true;
    });
    this.plainChannel = socket.channel(this.plain.topic, {});
    this.plainChannel.on("shout", message => this.plain.got(message));
    this.plainChannel.onError(() => this.plain.latest.clear());
    this.keptChannel.join();
    this.plainChannel.join();
  }

  isJoined() {
    return this.keptChannel.state === "joined" && this.plainChannel.state === "joined";
  }

  publish() {
    let connection;
    let n = 0;
    this.timer = setInterval(() => {
      // Else phoenix.js keeps it and sends it on the next connection.
      if (!this.keptChannel.canPush() || !this.plainChannel.canPush()) return;
      // A push to a connection that ends may be lost: the next one is another life, which begins with 1.
      if (connection !== this.client.socket.conn) {
        connection = this.client.socket.conn;
        this.life = `${this.number}-${++this.lives}`;
        n = 0;
      }
      n++;
      this.keptChannel.push("shout", { p: this.life, n });
      this.plainChannel.push("shout", { p: this.life, n });
    }, INTERVAL);
  }
}

/** Members of three servers, of which some publish: they count what they get while the servers end and start. */
export class Crowd {
  constructor(servers, clients) {
    this.members = Array.from({ length: clients }, (_, number) => new Member(number, servers));
    this.publishers = this.members.slice(0, PUBLISHERS);
  }

  async allJoined() {
    const joined = () => this.members.filter(member => member.isJoined()).length;
    await until("all have joined", () => joined() === this.members.length, joined);
  }

  publish() {
    this.publishers.forEach(member => member.publish());
  }

  /** Ends the publishers, and waits until each message that a publisher got itself is everywhere; how many these were. */
  async quiet() {
    this.publishers.forEach(member => clearInterval(member.timer));
    await until("all messages are everywhere", () => this.#lacking().length === 0, () => this.#lacking().slice(0, 10));
    return this.publishers.flatMap(({ confirmed }) => [...confirmed.values()]).reduce((sum, n) => sum + n, 0);
  }

  #lacking() {
    return this.members.flatMap(member =>
      this.publishers
        .filter(({ kept }) => kept.topic === member.kept.topic)
        .flatMap(({ confirmed }) => [...confirmed])
        .filter(([life, n]) => !(member.kept.latest.get(life) >= n))
        .map(([life, n]) => `client ${member.number} lacks ${life} ${n}`),
    );
  }

  /** Messages that came twice, late or not at all. */
  get faults() {
    return this.members.flatMap(({ kept, plain }) => [...kept.faults, ...plain.faults]);
  }
}
