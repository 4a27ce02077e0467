const PATIENCE = 350;

/** The phase of connection and room: a state for the style, the words, and whether we are cut off. A node is named if there are several. */
export function describe(connection, room, now, node) {
  if (connection.phase === "open") {
    switch (room.phase) {
      case "out":
        return { state: "ready", text: "Connected" };
      case "joined":
        return { state: "online", text: node === "" ? "Online" : `Online at ${node}` };
      case "refused":
        return { state: "refused", text: "Room refused" };
      case "closed":
        return { state: "refused", text: "Room closed" };
      case "lost":
        return { state: "reconnecting", text: "Rejoining…" };
      default:
        return { state: "connecting", text: "Joining…" };
    }
  }
  const verb = connection.opened ? "Reconnecting" : "Connecting";
  const offline = connection.retryAt > 0;
  const wait = connection.retryAt - now;
  if (connection.phase === "cut") {
    return { state: "waiting", text: `Cut off for ${Math.max(1, Math.ceil(wait / 1000))} s`, spoken: "Cut off", offline, cut: true };
  }
  if (connection.phase === "waiting" && wait > PATIENCE) {
    return { state: "waiting", text: `${verb} in ${Math.ceil(wait / 1000)} s`, spoken: `${verb}…`, offline };
  }
  return { state: connection.opened ? "reconnecting" : "connecting", text: `${verb}…`, offline };
}

/** The state at the top of the page. A short interruption passes without a flicker. */
export class Status {
  /** Whether the room that is shown can be reached, or none is chosen yet. */
  online = false;

  /** Whether there is no connection, though there was one or a try. */
  offline = false;

  /** Whether it was cut by the button. */
  cut = false;
  #root = document.getElementById("status");
  #text = document.getElementById("status-text");
  #spoken = document.getElementById("status-spoken");
  #patientUntil = 0;
  #timer;

  constructor(read, shown) {
    this.read = read;
    this.shown = shown;
  }

  update() {
    clearTimeout(this.#timer);
    const now = performance.now();
    const { state, text, spoken = text, offline = false, cut = false } = this.read(now);
    const online = state === "online" || state === "ready";
    if (online) {
      this.#patientUntil = Infinity;
    } else {
      this.#patientUntil = cut ? now : Math.min(this.#patientUntil, now + PATIENCE);
      this.#timer = setTimeout(() => this.update(), Math.max(this.#patientUntil - now, 200));
      if (now < this.#patientUntil) return;
    }
    Object.assign(this, { online, offline, cut });
    this.#root.dataset.state = state;
    document.body.dataset.state = state;
    this.#text.textContent = text;
    if (this.#spoken.textContent !== spoken) this.#spoken.textContent = spoken;
    this.shown();
  }
}
