package io.heliodor.dashboard;

import java.util.List;

/**
 * The reply to the call {@code sockets}.
 *
 * @param sockets the sockets of the page's endpoint, in the order in which they were mounted
 * @param more whether there are others
 */
record Sockets(List<SocketRow> sockets, boolean more) {}
