/**
 * Events and calls, their errors, and close codes: the contract between a server and its clients.
 *
 * <p>An {@link io.heliodor.event.Event} or {@link io.heliodor.event.Call} binds a name on the wire to the types of its payloads.
 * Declared in a module that the server and its clients depend on, it is checked by the compiler on both sides.
 */
package io.heliodor.event;
