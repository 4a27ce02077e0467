/**
 * Nodes in processes of their own, driven by their shells, and what is done to them: killed, frozen, cut off, attacked.
 *
 * <p>{@code NodeShells} starts them, {@code Network} of {@code hosts} is what lies between them, {@code Linearizability} judges histories.
 */
package io.heliodor.interop.cluster;
