// @ts-check
import { Socket } from "./phoenix.mjs";
import { connect } from "./socket/heliodor.mjs";

/** @typedef {import("../../../../../types/dashboard").Dashboard} Dashboard */
/** @typedef {Dashboard["channels"][0]["calls"]} Calls */

const TIMEOUT = 5000;

/** The one channel of the page. */
export class Connection {
  /** @param {string} token */
  constructor(token) {
    const socket = new Socket(new URL("socket", import.meta.url).pathname, { timeout: TIMEOUT });
    /** @type {import("@heliodor/client").Client<Dashboard>} */
    this.client = connect(socket, { token: () => token });
    this.channel = this.client.channel("heliodor:dashboard");
  }

  /** @param {() => void} changed */
  open(changed) {
    this.client.onStatus(changed);
    this.channel.onStatus(changed);
    this.channel.join();
  }

  /** The state and its text for people. */
  get state() {
    const { phase, status } = this.client.status;
    if (phase === "refused") return status === 401 ? ["refused", "The token was refused"] : ["refused", "Refused by the server"];
    if (phase !== "open") return phase === "reconnecting" ? ["busy", "Reconnecting"] : ["busy", "Connecting"];
    return this.channel.status.phase === "joined" ? ["live", "Live"] : ["busy", "Joining"];
  }
}
