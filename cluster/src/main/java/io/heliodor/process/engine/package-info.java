/**
 * The processes of this node, and how they speak with those of others.
 *
 * <p>Read {@link io.heliodor.process.engine.Processes} first.
 */
package io.heliodor.process.engine;
