package io.heliodor.link.jgroups.socket;

import io.heliodor.link.Peer;

/** Gets the packets of data connections. */
@FunctionalInterface
public interface PacketReceiver {
    /**
     * A packet has arrived. May wait: then the peer waits.
     *
     * @param from its sender
     * @param bytes contains it; must not be kept
     * @param offset the index of its first byte
     * @param length its number of bytes
     */
    void received(Peer from, byte[] bytes, int offset, int length);
}
