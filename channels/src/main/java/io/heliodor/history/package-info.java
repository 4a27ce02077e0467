/**
 * The history of a topic: a log of its kept messages, replicated between nodes in causal order, without clock, thread or socket. See
 * {@code docs/design/across-history.md}.
 */
package io.heliodor.history;
