/**
 * Calls that are executed once: their keys and kept answers, without clock, thread or socket. See {@code docs/design/calls-once.md}.
 */
package io.heliodor.once;
