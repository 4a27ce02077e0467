/** The present state of an endpoint for operators: topics, ids, connections, members and kept events, in bounded pages, and traces. */
package io.heliodor.inspect;
