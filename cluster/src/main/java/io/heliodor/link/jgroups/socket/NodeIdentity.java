package io.heliodor.link.jgroups.socket;

import io.heliodor.link.Peer;
import java.net.InetSocketAddress;

/**
 * The identity of a node in a handshake.
 *
 * @param peer the node
 * @param address its advertised address
 * @param cluster the name of its cluster, which both ends of a connection must share
 * @param versions the versions of the protocol that it has
 */
public record NodeIdentity(Peer peer, InetSocketAddress address, String cluster, ProtocolVersions versions) {}
