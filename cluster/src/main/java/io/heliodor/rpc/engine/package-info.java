/**
 * Serves the procedures of a node, and calls those of other nodes.
 *
 * <p>Read {@link io.heliodor.rpc.engine.Procedures} first.
 */
package io.heliodor.rpc.engine;
