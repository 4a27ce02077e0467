package io.heliodor.spring.boot;

import io.heliodor.channel.Channel;
import io.heliodor.channel.UserSocket;
import io.heliodor.channel.definition.ChannelDefinition;
import org.jspecify.annotations.Nullable;

/**
 * The socket of channels with a {@link io.heliodor.spring.ChannelMapping}: the clients that it accepts, and their assigns.
 *
 * @param <S> the type of the connection's assigns
 */
abstract class SocketAccess<S> {
    /** Null if no client connects, so that channels of all types fit. */
    private final @Nullable Class<S> assigns;

    SocketAccess(@Nullable Class<S> assigns) {
        this.assigns = assigns;
    }

    /** A new builder without channels. */
    abstract UserSocket.Builder<S> socket();

    /** The source of the assigns, for the text of a failure. */
    abstract String source();

    /** Adds the channel of a bean to a builder of this access. */
    final void add(UserSocket.Builder<S> socket, String bean, String pattern, Channel<?, ?> channel) {
        Class<?> needed = ((ChannelDefinition<?, ?>) channel).assigns();
        if (assigns != null && !needed.isAssignableFrom(assigns)) {
            throw new HeliodorConfigurationException(
                    "The channel '" + bean + "' needs connections with assigns of type " + needed.getName()
                            + ", and those of the socket are of type " + assigns.getName() + ", by " + source() + ".",
                    "Define the channel by Channel.of(" + assigns.getSimpleName() + ".class), or add a JwtAssigns<"
                            + needed.getSimpleName() + "> or UserSocket<" + needed.getSimpleName() + "> bean.");
        }
        @SuppressWarnings("unchecked") // checked above
        Channel<? super S, ?> fitting = (Channel<? super S, ?>) channel;
        try {
            socket.channel(pattern, fitting);
        } catch (IllegalArgumentException e) {
            throw new HeliodorConfigurationException(
                    "The channel '" + bean + "' cannot serve '" + pattern + "': " + e.getMessage(),
                    "Change the @ChannelMapping of the bean.",
                    e);
        }
    }
}
