package io.heliodor.dashboard;

import io.heliodor.inspect.ConnectionState;

/**
 * A connection with its node.
 *
 * @param node the name of the node
 * @param connection the connection
 */
record Located(String node, ConnectionState connection) {}
