/**
 * The procedures of this node, and calls of those of others.
 *
 * <p>Read {@link io.heliodor.rpc.engine.Procedures} first.
 */
package io.heliodor.rpc.engine;
