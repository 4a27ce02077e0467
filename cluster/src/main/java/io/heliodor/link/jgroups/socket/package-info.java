/**
 * TCP connections between nodes: listening, TLS by a cookie, the handshake, and the sockets that JGroups gets.
 *
 * <p>Read {@link io.heliodor.link.jgroups.socket.PeerSockets} first.
 */
package io.heliodor.link.jgroups.socket;
