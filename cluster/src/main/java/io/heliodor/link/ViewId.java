package io.heliodor.link;

/**
 * What tells views apart. Both sides of a split may have views of the same number; their creators differ.
 *
 * @param number grows with each view that a node installs
 * @param creator the peer that made it
 */
public record ViewId(long number, Peer creator) {
    @Override
    public String toString() {
        return number + "@" + creator;
    }
}
