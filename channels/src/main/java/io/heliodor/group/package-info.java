/**
 * Named groups of topics for multi-topic broadcasts.
 *
 * <p>Start at {@link io.heliodor.group.Groups}. A {@link io.heliodor.group.Group} contains topics, and broadcasts to all of them.
 */
package io.heliodor.group;
