package io.heliodor.session;

import io.heliodor.channel.SlowPolicy;
import io.heliodor.channel.definition.ChannelDefinition;
import io.heliodor.channel.definition.Declarations;
import io.heliodor.channel.definition.Handler;
import io.heliodor.channel.definition.Intercept;
import io.heliodor.channel.definition.Slow;
import io.heliodor.channel.definition.SocketDefinition;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.type.Type;
import io.heliodor.wire.PayloadCodec;
import java.util.Optional;

/**
 * Refuses a socket with a payload type that can never be read or written, so that the failure is one of the start and not of the first
 * client.
 */
final class PayloadChecks {
    private final SocketDefinition<?> socket;
    private final PayloadCodec codec;
    private final boolean spansNodes;

    PayloadChecks(SocketDefinition<?> socket, PayloadCodec codec, boolean spansNodes) {
        this.socket = socket;
        this.codec = codec;
        this.spansNodes = spansNodes;
    }

    void check() {
        for (SocketDefinition.Route<?> route : socket.routes()) {
            check("Channel '" + route.pattern() + "': ", route.channel());
        }
    }

    private void check(String channel, ChannelDefinition<?, ?> definition) {
        definition.params().ifPresent(params -> read(channel + "the payload of its join", Type.of(params), false));
        definition.handlers().values().forEach(handler -> check(channel, handler));
        definition.binaryHandlers().values().forEach(handler -> check(channel, handler));
        Declarations declared = definition.declarations();
        declared.joinReply().ifPresent(reply -> written(channel + "the reply to its join", reply));
        declared.joinError().ifPresent(error -> written(channel + "the error of its join", error));
        declared.presences().forEach((name, meta) -> written(channel + "presence '" + name + "'", meta));
        declared.sends()
                .ifPresent(events ->
                        events.forEach(event -> written(channel + "event '" + event.name() + "'", event.type())));
        definition
                .history()
                .ifPresent(history -> history.events()
                        .forEach(event -> written(channel + "kept event '" + event.name() + "'", event.type())));
        for (Intercept<?, ?, ?> intercept : definition.intercepts().values()) {
            broadcast(channel + "intercepted event '" + intercept.event().name() + "'", intercept.event());
        }
        for (Slow<?> slow : definition.slow().values()) {
            if (slow.policy() instanceof SlowPolicy.Latest<?>) {
                broadcast(channel + "event '" + slow.event().name() + "' of whenSlow", slow.event());
            }
        }
    }

    private void check(String channel, Handler<?, ?> handler) {
        switch (handler) {
            case Handler.ForEvent<?, ?, ?> event ->
                read(
                        channel + "event '" + event.event().name() + "'",
                        event.event().type(),
                        true);
            case Handler.ForCall<?, ?, ?, ?, ?> call -> check(channel, call.call());
            case Handler.ForDeferred<?, ?, ?, ?, ?> deferred -> check(channel, deferred.call());
        }
    }

    private void check(String channel, Call<?, ?, ?> call) {
        read(channel + "call '" + call.name() + "'", call.request(), false);
        written(channel + "the reply to call '" + call.name() + "'", call.reply());
        written(channel + "the error of call '" + call.name() + "'", call.error());
    }

    /** A broadcast of this node has its value with it; only one of another node is read. */
    private void broadcast(String what, Event<?> event) {
        written(what, event.type());
        if (spansNodes) {
            refuse(what, event.type(), codec.unreadable(event.type(), true));
        }
    }

    private void read(String what, Type<?> type, boolean object) {
        refuse(what, type, codec.unreadable(type, object));
        if (socket.validator().isEmpty()) {
            refuse(what, type, codec.unvalidated(type));
        }
    }

    private void written(String what, Type<?> type) {
        refuse(what, type, codec.unwritable(type));
    }

    private static void refuse(String what, Type<?> type, Optional<String> problem) {
        if (problem.isPresent()) {
            throw new IllegalArgumentException(what + " has the type " + type + ". " + problem.get());
        }
    }
}
