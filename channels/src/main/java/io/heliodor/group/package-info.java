/**
 * Names sets of topics that are spoken to together.
 *
 * <p>Start at {@link io.heliodor.group.Groups}; an endpoint has one. A {@link io.heliodor.group.Group} holds topics, and
 * broadcasts to all of them.
 */
package io.heliodor.group;
