/**
 * Names without voters, and process groups.
 *
 * <p>Read {@link io.heliodor.node.registry.CoordinatorRegistry} first.
 */
package io.heliodor.node.registry;
