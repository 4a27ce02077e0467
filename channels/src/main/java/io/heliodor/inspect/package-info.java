/** The present state of an endpoint for operators: topics, ids, connections, members and kept events, in bounded pages; and their actions on it. */
package io.heliodor.inspect;
