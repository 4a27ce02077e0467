/**
 * A wire in memory: several nodes in one JVM, and a network between them that fails when told to.
 *
 * <p>Read {@link io.heliodor.link.memory.MemoryNetwork} first.
 */
package io.heliodor.link.memory;
