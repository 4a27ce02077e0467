package io.heliodor.testkit;

import io.heliodor.channel.Channel;
import io.heliodor.channel.definition.ChannelDefinition;
import io.heliodor.channel.definition.Handler;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The check that a channel has a handler for each event and call of a class of constants. */
final class ProtocolCheck {
    private ProtocolCheck() {}

    /** Throws an {@link AssertionError} that names the constants that are not handled as declared. */
    static void of(Channel<?, ?> channel, Class<?> protocol, Event<?>... fromServer) {
        Set<Event<?>> pushed = new HashSet<>(Arrays.asList(fromServer));
        List<String> missing = new ArrayList<>();
        int found = 0;
        for (Field field : protocol.getDeclaredFields()) {
            if (Modifier.isStatic(field.getModifiers())
                    && (field.getType() == Event.class || field.getType() == Call.class)) {
                found++;
                unhandled(ChannelDefinition.of(channel), field, pushed).ifPresent(missing::add);
            }
        }
        if (found == 0) {
            throw new IllegalArgumentException(
                    protocol + " has no static field of the type Event or Call; name the class that holds them.");
        }
        if (!missing.isEmpty()) {
            throw new AssertionError("These messages of " + protocol.getName() + " are not handled as declared:\n  "
                    + String.join("\n  ", missing));
        }
    }

    private static Optional<String> unhandled(ChannelDefinition<?, ?> channel, Field field, Set<Event<?>> pushed) {
        Object constant = read(field);
        return switch (constant) {
            case Event<?> event when pushed.contains(event) -> Optional.empty();
            case Event<?> event -> unhandled(field, event.name(), event, channel, event.isBinary());
            case Call<?, ?, ?> call -> unhandled(field, call.name(), call, channel, call.isBinary());
            case null, default -> Optional.of(field.getName() + " is null");
        };
    }

    private static Optional<String> unhandled(
            Field field, String name, Object constant, ChannelDefinition<?, ?> channel, boolean binary) {
        Handler<?, ?> handler = (binary ? channel.binaryHandlers() : channel.handlers()).get(name);
        if (handler == null) {
            return Optional.of(field.getName() + " ('" + name + "') has no handler");
        }
        Object handled = switch (handler) {
            case Handler.ForEvent<?, ?, ?>(var event, var _) -> event;
            case Handler.ForCall<?, ?, ?, ?, ?>(var call, var _) -> call;
            case Handler.ForDeferred<?, ?, ?, ?, ?>(var call, var _) -> call;
        };
        return handled.equals(constant)
                ? Optional.empty()
                : Optional.of(field.getName() + " ('" + name + "') is handled as " + handled);
    }

    private static @Nullable Object read(Field field) {
        if (!field.trySetAccessible()) {
            throw new IllegalArgumentException(field + " cannot be read: open its package to io.heliodor.testkit.");
        }
        try {
            return field.get(null);
        } catch (IllegalAccessException e) {
            throw new IllegalArgumentException(field + " cannot be read.", e);
        }
    }
}
