package io.heliodor.link;

/**
 * The id of a view. The two sides of a split may have views of the same number, but not of the same creator.
 *
 * @param number grows with each view that a node installs
 * @param creator the peer that created the view
 */
public record ViewId(long number, Peer creator) {
    @Override
    public String toString() {
        return number + "@" + creator;
    }
}
