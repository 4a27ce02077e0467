/**
 * The content of channels and sockets, as the runtime and the test kit read it. Exported to modules of Heliodor alone.
 *
 * <p>{@link io.heliodor.channel.Channel} and {@link io.heliodor.channel.UserSocket} are sealed, each with one subtype here,
 * so a definition is read by a {@code switch} with one case: no cast, no registration.
 */
package io.heliodor.channel.definition;
