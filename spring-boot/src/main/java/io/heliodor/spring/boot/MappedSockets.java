package io.heliodor.spring.boot;

import io.heliodor.channel.Channel;
import io.heliodor.channel.PayloadValidator;
import io.heliodor.channel.SendHook;
import io.heliodor.channel.UserSocket;
import io.heliodor.channel.definition.SocketDefinition;
import io.heliodor.micrometer.HeliodorObservations;
import io.heliodor.spring.ChannelMapping;
import io.heliodor.spring.SocketCustomizer;
import io.heliodor.spring.SocketMapping;
import io.heliodor.spring.boot.ServedSockets.Served;
import java.lang.annotation.Annotation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;

/** Reads the sockets of an application from its beans. */
final class MappedSockets {
    private final ListableBeanFactory beans;
    private final String path;
    private final Supplier<? extends SocketAccess<?>> access;
    private final Optional<PayloadValidator> validator;
    private final Optional<SendHook> sendHook;
    private final Optional<HeliodorObservations> observations;

    /**
     * Reads no bean yet.
     *
     * @param path the path of the only socket
     * @param access the socket of mapped channels
     * @param validator the validator of their payloads
     * @param sendHook decides when messages are sent
     * @param observations the observations of handlers
     */
    MappedSockets(
            ListableBeanFactory beans,
            String path,
            Supplier<? extends SocketAccess<?>> access,
            Optional<PayloadValidator> validator,
            Optional<SendHook> sendHook,
            Optional<HeliodorObservations> observations) {
        this.beans = beans;
        this.path = path;
        this.access = access;
        this.validator = validator;
        this.sendHook = sendHook;
        this.observations = observations;
    }

    /** The sockets; empty if there is neither a socket nor a channel. */
    List<Served> read() {
        Map<String, UserSocket<?>> sockets = new LinkedHashMap<>();
        beans.getBeansOfType(UserSocket.class).forEach((bean, socket) -> sockets.put(bean, socket));
        Map<String, Channel<?, ?>> channels = new LinkedHashMap<>();
        beans.getBeansOfType(Channel.class).forEach((bean, channel) -> channels.put(bean, channel));
        checkOnly(ChannelMapping.class, channels.keySet(), "Channel");
        checkOnly(SocketMapping.class, sockets.keySet(), "UserSocket");
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
            checkNotCustomized(sockets.keySet());
            return withPaths(sockets);
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
        return channels.isEmpty() ? List.of() : List.of(served(path, socket(access.get(), channels), Optional.empty()));
    }

    /** An annotation has an effect on beans of one type only. */
    private void checkOnly(Class<? extends Annotation> annotation, Collection<String> fitting, String type) {
        for (String bean : beans.getBeanNamesForAnnotation(annotation)) {
            if (!fitting.contains(bean)) {
                throw new HeliodorConfigurationException(
                        "The bean '" + bean + "' has @" + annotation.getSimpleName() + " and is no " + type + ", but a "
                                + Optional.ofNullable(beans.getType(bean))
                                        .map(Class::getName)
                                        .orElse("bean of unknown type")
                                + ".",
                        "Write the annotation at a method with @Bean that returns a " + type + ", or remove it.");
            }
        }
    }

    private void checkNotCustomized(Collection<String> sockets) {
        List<String> customizers = List.of(beans.getBeanNamesForType(SocketCustomizer.class));
        if (!customizers.isEmpty()) {
            throw new HeliodorConfigurationException(
                    "There is a UserSocket, which has its settings itself: " + quoted(sockets)
                            + ". There are also SocketCustomizers, which would have no effect: " + quoted(customizers)
                            + ".",
                    "Write these settings at the UserSocket and remove the SocketCustomizer, or remove the UserSocket.");
        }
    }

    private Served served(String at, UserSocket<?> socket, Optional<String> mapped) {
        UserSocket<?> sending =
                sendHook.<UserSocket<?>>map(hook -> hooked(socket, hook)).orElse(socket);
        UserSocket<?> observed = observations
                .<UserSocket<?>>map(observing -> observing.observe(sending))
                .orElse(sending);
        return new Served(at, observed, mapped);
    }

    private static <S> UserSocket<S> hooked(UserSocket<S> socket, SendHook hook) {
        return SocketDefinition.of(socket).orSendHook(hook);
    }

    private <S> UserSocket<S> socket(SocketAccess<S> of, Map<String, Channel<?, ?>> channels) {
        UserSocket.Builder<S> socket = of.socket();
        validator.ifPresent(socket::validator);
        channels.forEach((bean, channel) -> {
            ChannelMapping mapping = mapping(bean);
            if (mapping != null) {
                for (String pattern : mapping.value()) {
                    of.add(socket, bean, pattern, channel);
                }
            }
        });
        beans.getBeanProvider(SocketCustomizer.class).orderedStream().forEach(each -> each.customize(socket));
        return socket.build();
    }

    private @Nullable ChannelMapping mapping(String bean) {
        return beans.findAnnotationOnBean(bean, ChannelMapping.class);
    }

    private List<Served> withPaths(Map<String, UserSocket<?>> sockets) {
        List<Served> served = new ArrayList<>();
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
            served.add(served(at, socket, mapping == null ? Optional.empty() : Optional.of(bean)));
        });
        return served;
    }

    private static String quoted(Collection<String> beans) {
        return beans.stream().map(bean -> "'" + bean + "'").collect(Collectors.joining(", "));
    }
}
