/**
 * Nodes in processes of their own, driven by their shells, and their faults: killed, frozen, cut off, attacked.
 *
 * <p>{@code NodeShells} starts them, {@code Network} of {@code hosts} connects them, {@code Linearizability} checks
 * histories.
 */
package io.heliodor.interop.cluster;
