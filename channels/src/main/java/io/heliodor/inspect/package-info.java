/**
 * The present state of an endpoint for operators: its sockets; topics, ids, connections, members and kept events, in bounded
 * pages; traces of frames; and the actions of operators on it.
 */
package io.heliodor.inspect;
