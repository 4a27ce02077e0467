/**
 * A network in memory for tests: wires in one JVM, and faults between them.
 *
 * <p>Read {@link io.heliodor.link.memory.MemoryNetwork} first.
 */
package io.heliodor.link.memory;
