package io.heliodor.spring.boot;

import io.heliodor.channel.Channel;
import io.heliodor.channel.PayloadValidator;
import io.heliodor.channel.SendHook;
import io.heliodor.channel.UserSocket;
import io.heliodor.channel.definition.SocketDefinition;
import io.heliodor.spring.ChannelMapping;
import io.heliodor.spring.SocketMapping;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;

/** The sockets of an application by their paths, from its beans. */
final class MappedSockets {
    private final ListableBeanFactory beans;
    private final String path;
    private final Supplier<? extends SocketAccess<?>> access;
    private final Supplier<Optional<PayloadValidator>> validator;
    private final Supplier<Optional<SendHook>> sendHook;

    /** Null until they are requested. */
    private @Nullable Map<String, UserSocket<?>> byPath;

    /**
     * Reads no bean yet.
     *
     * @param path the path of the only socket
     * @param access the socket of mapped channels
     * @param validator the validator of their payloads
     * @param sendHook decides when messages are sent
     */
    MappedSockets(
            ListableBeanFactory beans,
            String path,
            Supplier<? extends SocketAccess<?>> access,
            Supplier<Optional<PayloadValidator>> validator,
            Supplier<Optional<SendHook>> sendHook) {
        this.beans = beans;
        this.path = path;
        this.access = access;
        this.validator = validator;
        this.sendHook = sendHook;
    }

    /** The sockets; empty if there is neither a socket nor a channel. The same objects each time. */
    synchronized Map<String, UserSocket<?>> byPath() {
        Map<String, UserSocket<?>> present = byPath;
        if (present == null) {
            Map<String, UserSocket<?>> read = read();
            sendHook.get().ifPresent(hook -> read.replaceAll((_, socket) -> hooked(socket, hook)));
            present = Map.copyOf(read);
            byPath = present;
        }
        return present;
    }

    private static <S> UserSocket<S> hooked(UserSocket<S> socket, SendHook hook) {
        return SocketDefinition.of(socket).orSendHook(hook);
    }

    private Map<String, UserSocket<?>> read() {
        Map<String, UserSocket<?>> sockets = new LinkedHashMap<>();
        beans.getBeansOfType(UserSocket.class).forEach((bean, socket) -> sockets.put(bean, socket));
        Map<String, Channel<?, ?>> channels = new LinkedHashMap<>();
        beans.getBeansOfType(Channel.class).forEach((bean, channel) -> channels.put(bean, channel));
        List<String> mapped =
                channels.keySet().stream().filter(bean -> mapping(bean) != null).toList();
        if (!sockets.isEmpty()) {
            if (!mapped.isEmpty()) {
                throw new HeliodorConfigurationException(
                        "There is a UserSocket, which names its channels itself: " + quoted(sockets.keySet())
                                + ". There are also channels with @ChannelMapping: " + quoted(mapped) + ".",
                        "Add these channels to the UserSocket by .channel(pattern, channel) and remove @ChannelMapping, or remove"
                                + " the UserSocket.");
            }
            return byPath(sockets);
        }
        if (mapped.size() < channels.size()) {
            List<String> unmapped = channels.keySet().stream()
                    .filter(bean -> !mapped.contains(bean))
                    .toList();
            throw new HeliodorConfigurationException(
                    "There are channels without topics, which no client could join: " + quoted(unmapped) + ".",
                    "Add @ChannelMapping, with topics such as \"room:*\", to the method or class of the bean, or name the channel"
                            + " in a UserSocket bean.");
        }
        Map<String, UserSocket<?>> socket = new LinkedHashMap<>();
        if (!channels.isEmpty()) {
            socket.put(path, socket(access.get(), channels));
        }
        return socket;
    }

    private <S> UserSocket<S> socket(SocketAccess<S> of, Map<String, Channel<?, ?>> channels) {
        UserSocket.Builder<S> socket = of.socket();
        validator.get().ifPresent(socket::validator);
        channels.forEach((bean, channel) -> {
            ChannelMapping mapping = mapping(bean);
            if (mapping != null) {
                for (String pattern : mapping.value()) {
                    of.add(socket, bean, pattern, channel);
                }
            }
        });
        return socket.build();
    }

    private @Nullable ChannelMapping mapping(String bean) {
        return beans.findAnnotationOnBean(bean, ChannelMapping.class);
    }

    private Map<String, UserSocket<?>> byPath(Map<String, UserSocket<?>> sockets) {
        Map<String, UserSocket<?>> byPath = new LinkedHashMap<>();
        Map<String, String> owners = new LinkedHashMap<>();
        sockets.forEach((bean, socket) -> {
            SocketMapping mapping = beans.findAnnotationOnBean(bean, SocketMapping.class);
            if (mapping == null && sockets.size() > 1) {
                throw new HeliodorConfigurationException(
                        "There are several sockets, and '" + bean + "' has no path: " + quoted(sockets.keySet()) + ".",
                        "Add @SocketMapping, with a path such as \"/socket\", to the method or class of each of them.");
            }
            String at = mapping == null ? path : mapping.value();
            String other = owners.putIfAbsent(at, bean);
            if (other != null) {
                throw new HeliodorConfigurationException(
                        "The sockets '" + other + "' and '" + bean + "' have the same path, " + at + ".",
                        "Change the @SocketMapping of one of them.");
            }
            byPath.put(at, socket);
        });
        return byPath;
    }

    private static String quoted(Collection<String> beans) {
        return beans.stream().map(bean -> "'" + bean + "'").collect(Collectors.joining(", "));
    }
}
