/**
 * Runs one client's connection: its channels, their order, its outbox.
 *
 * <p>Start at {@link io.heliodor.session.Session}. A {@link io.heliodor.session.Lane} is one thread that owns a set of
 * connections; what it needs of that thread, and of a connection, the transport supplies.
 */
package io.heliodor.session;
