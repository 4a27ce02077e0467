/** Anti-entropy: when a replica is compared with those of other nodes, and with which of them. */
@org.jspecify.annotations.NullMarked
package io.heliodor.exchange;
