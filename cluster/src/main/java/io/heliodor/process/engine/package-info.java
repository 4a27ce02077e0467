/**
 * Runs the processes of a node, and exchanges messages, calls and monitors with other nodes.
 *
 * <p>Read {@link io.heliodor.process.engine.Processes} first.
 */
package io.heliodor.process.engine;
