package io.heliodor.describe;

import io.heliodor.channel.History;
import io.heliodor.channel.definition.ChannelDefinition;
import io.heliodor.channel.definition.Declarations;
import io.heliodor.channel.definition.SocketDefinition;
import io.heliodor.channel.definition.SocketDefinition.Route;
import io.heliodor.channel.definition.TopicPattern;
import io.heliodor.event.Call;
import io.heliodor.event.CloseCode;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import io.heliodor.schema.Schema;
import io.heliodor.type.Type;
import io.heliodor.wire.PayloadCodec;
import io.heliodor.wire.schema.PayloadSchemas;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Reads the contract of a socket from its definition: first with the keys of types, then with their names. */
final class ContractReader {
    /** Exact topics first, then the longest prefixes. */
    private static final Comparator<Route<?>> MATCHED = Comparator.<Route<?>>comparingInt(
                    route -> route.pattern().wildcard()
                            ? Integer.MAX_VALUE - route.pattern().prefix().length()
                            : -1)
            .thenComparing(route -> route.pattern().prefix());

    private final String name;
    private final PayloadCodec codec;
    private final PayloadSchemas schemas;

    ContractReader(String name, PayloadCodec codec) {
        this.name = name;
        this.codec = codec;
        this.schemas = new PayloadSchemas(codec);
    }

    SocketContract read(SocketDefinition<?> socket) {
        List<ChannelContract> channels = socket.routes().stream()
                .<Route<?>>map(route -> route)
                .sorted(MATCHED)
                .map(route -> channel(route.pattern(), route.channel()))
                .toList();
        List<EventContract> sends = events(
                socket.sends().orElse(List.of()).stream()
                        .<Event<?>>map(event -> event)
                        .sorted(Comparator.comparing(Event::name))
                        .toList(),
                this::written);
        PayloadSchemas.Names names = schemas.names(TypeScript.reserved(name));
        Function<Content, Content> named = content ->
                content instanceof Content.Json(var schema) ? new Content.Json(names.apply(schema)) : content;
        return new SocketContract(
                name,
                channels.stream().map(channel -> named(channel, named)).toList(),
                named(sends, named),
                socket.refresh().isPresent(),
                socket.refusesAfterUpgrade(),
                Arrays.asList(CloseCode.values()),
                names.definitions());
    }

    private ChannelContract channel(TopicPattern pattern, ChannelDefinition<?, ?> channel) {
        Declarations declared = channel.declarations();
        return new ChannelContract(
                pattern.toString(),
                declared.key().orElse("key"),
                join(channel),
                events(
                        channel.events()
                                .sorted(Comparator.comparing(Event::name))
                                .toList(),
                        this::read),
                channel.calls()
                        .sorted(Comparator.comparing(Call::name))
                        .map(this::call)
                        .toList(),
                events(channel.sentEvents(), this::written),
                declared.presences().entrySet().stream()
                        .map(each -> new PresenceContract(each.getKey(), written(each.getValue())))
                        .sorted(Comparator.comparing(PresenceContract::name))
                        .toList(),
                declared.counts().stream().sorted().toList(),
                channel.history().map(ContractReader::history),
                channel.unhandled().isPresent(),
                channel.pushTopics().stream()
                        .map(TopicPattern::toString)
                        .sorted()
                        .toList());
    }

    private JoinContract join(ChannelDefinition<?, ?> channel) {
        Declarations declared = channel.declarations();
        return new JoinContract(
                channel.params().<Content>map(type -> read(Type.of(type))).orElse(new Content.None()),
                declared.joinReply().<Content>map(this::written).orElse(new Content.None()),
                written(declared.joinError().orElse(Type.of(Reason.class))),
                declared.joinReasons().stream().sorted().distinct().toList(),
                channel.authorization().isPresent());
    }

    private CallContract call(Call<?, ?, ?> call) {
        return new CallContract(
                call.name(),
                read(call.request()),
                response(call.reply()),
                response(call.error()),
                call.reasons().stream().sorted().distinct().toList(),
                call.key().isPresent());
    }

    private static HistoryContract history(History history) {
        return new HistoryContract(
                history.maxBroadcasts(),
                history.maxAge(),
                history.events().stream().map(Event::name).sorted().toList());
    }

    private static <E> List<EventContract> events(List<E> events, Function<E, EventContract> contract) {
        return events.stream().map(contract).toList();
    }

    private EventContract read(Event<?> event) {
        return new EventContract(event.name(), read(event.type()));
    }

    private EventContract written(Event<?> event) {
        return new EventContract(event.name(), written(event.type()));
    }

    private Content read(Type<?> type) {
        refuse(type, codec.unreadable(type, false));
        return content(type, schemas::read);
    }

    private Content written(Type<?> type) {
        refuse(type, codec.unwritable(type));
        return content(type, schemas::written);
    }

    private Content response(Type<?> type) {
        refuse(type, codec.unwritable(type));
        return content(type, schemas::response);
    }

    /** As the build of an endpoint does, which knows the mapper only then. */
    private static void refuse(Type<?> type, Optional<String> problem) {
        if (problem.isPresent()) {
            throw new IllegalArgumentException("The contract has the type " + type + ". " + problem.get());
        }
    }

    private static Content content(Type<?> type, Function<Type<?>, Schema> schema) {
        return type.type() == Empty.class
                ? new Content.None()
                : type.type() == ByteBuffer.class ? new Content.Bytes() : new Content.Json(schema.apply(type));
    }

    private static ChannelContract named(ChannelContract channel, Function<Content, Content> names) {
        JoinContract join = channel.join();
        return new ChannelContract(
                channel.pattern(),
                channel.key(),
                new JoinContract(
                        names.apply(join.payload()),
                        names.apply(join.reply()),
                        names.apply(join.error()),
                        join.reasons(),
                        join.authorized()),
                named(channel.receives(), names),
                channel.calls().stream()
                        .map(call -> new CallContract(
                                call.name(),
                                names.apply(call.request()),
                                names.apply(call.reply()),
                                names.apply(call.error()),
                                call.reasons(),
                                call.once()))
                        .toList(),
                named(channel.sends(), names),
                channel.presences().stream()
                        .map(presence -> new PresenceContract(presence.name(), names.apply(presence.meta())))
                        .toList(),
                channel.counts(),
                channel.history(),
                channel.handlesOthers(),
                channel.pushTopics());
    }

    private static List<EventContract> named(List<EventContract> events, Function<Content, Content> names) {
        return events.stream()
                .map(event -> new EventContract(event.name(), names.apply(event.content())))
                .toList();
    }
}
