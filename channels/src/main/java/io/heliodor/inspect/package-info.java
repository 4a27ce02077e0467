/** The present state of an endpoint for operators: sockets; topics, ids, connections, members and kept events, in bounded pages; traces of frames; and their actions on it. */
package io.heliodor.inspect;
