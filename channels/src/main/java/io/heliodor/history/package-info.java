/**
 * The kept messages of a topic on several nodes: a replicated log in causal order, as states without clock, thread or socket. See
 * {@code docs/design/across-history.md}.
 */
package io.heliodor.history;
