/** The present state of an endpoint for operators: topics, ids, connections, members and kept events, in bounded pages. */
package io.heliodor.inspect;
