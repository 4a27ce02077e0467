package io.heliodor.link;

import java.util.concurrent.atomic.LongAdder;

/** The counters of a link since its start. They only grow. Thread-safe. */
public final class LinkCounters {
    final LongAdder opened = new LongAdder();
    final LongAdder reset = new LongAdder();
    final LongAdder overflowed = new LongAdder();
    final LongAdder stalled = new LongAdder();
    final LongAdder envelopesOut = new LongAdder();
    final LongAdder bytesOut = new LongAdder();
    final LongAdder envelopesIn = new LongAdder();
    final LongAdder bytesIn = new LongAdder();
    final LongAdder refused = new LongAdder();

    LinkCounters() {}

    /**
     * Sessions of this node that were opened.
     *
     * @return the number
     */
    public long opened() {
        return opened.sum();
    }

    /**
     * Open sessions that ended because the peer did not have them, or not all of them.
     *
     * @return the number
     */
    public long reset() {
        return reset.sum();
    }

    /**
     * Open sessions that ended because the peer confirmed nothing for longer than failure detection takes.
     *
     * @return the number
     */
    public long stalled() {
        return stalled.sum();
    }

    /**
     * Open sessions that ended because their queue and its reserve were full.
     *
     * @return the number
     */
    public long overflowed() {
        return overflowed.sum();
    }

    /**
     * Envelopes that were handed to the wire.
     *
     * @return the number
     */
    public long envelopesOut() {
        return envelopesOut.sum();
    }

    /**
     * The bytes of the packets with envelopes that were handed to the wire.
     *
     * @return the number
     */
    public long bytesOut() {
        return bytesOut.sum();
    }

    /**
     * Envelopes that were delivered.
     *
     * @return the number
     */
    public long envelopesIn() {
        return envelopesIn.sum();
    }

    /**
     * The bytes of the packets with envelopes that were delivered.
     *
     * @return the number
     */
    public long bytesIn() {
        return bytesIn.sum();
    }

    /**
     * Packets that were dropped: malformed, from a node that is not a member, for another incarnation, of a session
     * that has ended, or repeated.
     *
     * @return the number
     */
    public long refused() {
        return refused.sum();
    }
}
