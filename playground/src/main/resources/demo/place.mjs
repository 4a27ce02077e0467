const OFFSET = /^@(\d+)$/;

/**
 * How far the page got in the history of a room. A channel of heliodor.mjs knows that of itself; this one outlives the
 * channel, for the room that is left and entered again.
 */
export class Place {
  #epoch;
  #offset = 0;
  #newest = 0;

  /** What goes into the request to join. */
  get since() {
    return this.#epoch === undefined ? {} : { since: { epoch: this.#epoch, offset: this.#offset } };
  }

  /**
   * Takes the answer to a join and says what it means: "nothing" was missed, "missed" messages follow, it is too "late"
   * for them, or the room has begun "anew" and what it kept before is gone.
   */
  joined({ recovered, epoch, offset }) {
    this.#newest = offset;
    if (recovered) return offset > this.#offset ? "missed" : "nothing";
    const known = epoch === this.#epoch;
    this.#epoch = epoch;
    this.#offset = offset;
    return known ? "late" : "anew";
  }

  /** Moves to the broadcast with that ref; whether it is older than the last join, so that it was missed. */
  passed(ref) {
    const offset = Number(OFFSET.exec(ref)?.[1] ?? NaN);
    if (Number.isNaN(offset)) return false;
    this.#offset = offset;
    return offset <= this.#newest;
  }
}
