package io.heliodor.link;

import java.util.concurrent.atomic.LongAdder;

/** What a link did since it was started. May be read at any time, by any thread; the numbers only grow. */
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
     * @return how many
     */
    public long opened() {
        return opened.sum();
    }

    /**
     * Open sessions that ended because the peer did not have them, or not all of them.
     *
     * @return how many
     */
    public long reset() {
        return reset.sum();
    }

    /**
     * Open sessions that ended because the peer confirmed nothing for 8 s.
     *
     * @return how many
     */
    public long stalled() {
        return stalled.sum();
    }

    /**
     * Open sessions that ended because their queue and its reserve were full.
     *
     * @return how many
     */
    public long overflowed() {
        return overflowed.sum();
    }

    /**
     * Envelopes that were handed to the wire.
     *
     * @return how many
     */
    public long envelopesOut() {
        return envelopesOut.sum();
    }

    /**
     * The sizes of the packets with envelopes that were handed to the wire.
     *
     * @return bytes
     */
    public long bytesOut() {
        return bytesOut.sum();
    }

    /**
     * Envelopes that were delivered.
     *
     * @return how many
     */
    public long envelopesIn() {
        return envelopesIn.sum();
    }

    /**
     * The sizes of the packets with envelopes that were delivered.
     *
     * @return bytes
     */
    public long bytesIn() {
        return bytesIn.sum();
    }

    /**
     * Packets that were dropped: damaged, from nobody who is a member, for another incarnation, of a session that is over, or
     * repeated.
     *
     * @return how many
     */
    public long refused() {
        return refused.sum();
    }
}
