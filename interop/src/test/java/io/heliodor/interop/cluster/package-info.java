/**
 * Nodes in processes of their own, driven by their shells, and their faults: killed, frozen, cut off, attacked.
 *
 * <p>{@code NodeShells} starts them, {@code Network} of {@code hosts} connects them, {@code RegistryHistory} checks
 * their answers.
 */
package io.heliodor.interop.cluster;
