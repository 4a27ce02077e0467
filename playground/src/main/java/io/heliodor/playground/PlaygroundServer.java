package io.heliodor.playground;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.dashboard.Dashboard;
import io.heliodor.describe.SocketContract;
import io.heliodor.document.DocumentStore;
import io.heliodor.document.Documents;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.endpoint.Transport;
import io.heliodor.event.Empty;
import io.heliodor.node.Node;
import io.heliodor.playground.node.MetaFormat;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.token.Tokens;
import io.heliodor.type.Type;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** The server of the playground. */
final class PlaygroundServer {
    private PlaygroundServer() {}

    /**
     * Starts the server.
     *
     * @param host the address
     * @param port the port
     * @param transport the I/O backend, if not the default
     * @param kept the number of kept broadcasts of each {@code history:*} and {@code state:*}
     * @param age how long they are kept
     * @param compress whether compression is on
     * @param tokens the tokens of {@code private:*}
     * @param store the documents of {@code doc:*}
     * @param page the folder of the demo page, if it is to be served
     * @param node the node that it belongs to, if any
     * @param dashboard builds the dashboard, if there is to be one
     * @param edge further settings of the endpoint
     * @return the running server
     */
    static Endpoint start(
            String host,
            int port,
            Optional<Transport> transport,
            int kept,
            Duration age,
            boolean compress,
            Tokens<String> tokens,
            DocumentStore store,
            Optional<Path> page,
            Optional<Node> node,
            Optional<Function<Dashboard.Builder, Dashboard>> dashboard,
            UnaryOperator<Endpoint.Builder> edge) {
        // The metrics need the endpoint, which serves them: the reference is set before a request can come.
        AtomicReference<Endpoint> running = new AtomicReference<>();
        PubSub pubsub = node.map(Node::pubsub).orElseGet(PubSub::local);
        String name = node.map(Node::name).orElse("local");
        Presence<RoomChannel.Online> presence = Presence.over(pubsub, RoomChannel.Online.class);
        Presence<Map<?, ?>> realtimePresence = realtimePresence(pubsub);
        Documents documents = Documents.of(pubsub, store);
        Optional<NodesChannel> nodes =
                page.map(_ -> new NodesChannel(name, Presence.over(pubsub, NodesChannel.Seen.class)));
        PrometheusText metrics =
                new PrometheusText(running::get, Map.of("room", presence, "realtime", realtimePresence), node);
        Endpoint.Builder builder = Endpoint.builder()
                .host(host)
                .port(port)
                .compression(compress)
                .pubsub(pubsub)
                .get("/metrics", _ -> metrics.text())
                .socket("/socket", socket(name, presence, realtimePresence, documents, kept, age, tokens, nodes))
                .socket("/refusing", refusing())
                .socket("/named", OnceChannel.socket());
        transport.ifPresent(builder::transport);
        page.ifPresent(folder -> builder.files("/", folder));
        dashboard.ifPresent(built -> {
            Dashboard.Builder shown =
                    Dashboard.over(pubsub).presence("room", presence).presence("realtime", realtimePresence);
            node.ifPresent(shown::node);
            built.apply(shown).mountOn(builder);
        });
        Endpoint endpoint = edge.apply(builder).build().start();
        running.set(endpoint);
        nodes.ifPresent(shown -> shown.show(endpoint.port()));
        return endpoint;
    }

    /** The contract of the socket that {@code serve} has. */
    static SocketContract contract() {
        try (PubSub pubsub = PubSub.local()) {
            return contract("Playground", pubsub, Optional.empty());
        }
    }

    /** The contract of the socket that {@code demo} has, for its page. */
    static SocketContract demoContract() {
        try (PubSub pubsub = PubSub.local();
                Presence<NodesChannel.Seen> nodes = Presence.over(pubsub, NodesChannel.Seen.class)) {
            return contract("Demo", pubsub, Optional.of(new NodesChannel("local", nodes)));
        }
    }

    private static SocketContract contract(String contract, PubSub pubsub, Optional<NodesChannel> nodes) {
        try (Presence<RoomChannel.Online> presence = Presence.over(pubsub, RoomChannel.Online.class);
                Presence<Map<?, ?>> realtime = realtimePresence(pubsub)) {
            Tokens<String> tokens = Keys.tokens("a contract signs and verifies no token");
            Documents documents = Documents.of(pubsub, DocumentStore.inMemory());
            UserSocket<Object> socket =
                    socket("local", presence, realtime, documents, 100, Duration.ofMinutes(5), tokens, nodes);
            return SocketContract.of(contract, socket);
        }
    }

    private static Presence<Map<?, ?>> realtimePresence(PubSub pubsub) {
        return Presence.builder(pubsub, new Type<Map<?, ?>>() {})
                .name("realtime")
                .format(new MetaFormat())
                .build();
    }

    private static UserSocket<Object> socket(
            String name,
            Presence<RoomChannel.Online> presence,
            Presence<Map<?, ?>> realtime,
            Documents documents,
            int kept,
            Duration age,
            Tokens<String> tokens,
            Optional<NodesChannel> nodes) {
        RoomChannel room = new RoomChannel(name, presence);
        OwnChannel own = new OwnChannel(tokens);
        UserSocket.Builder<Object> socket = UserSocket.connect(PlaygroundServer::connect)
                .channel("room:*", room.channel())
                .channel("history:*", room.channelThatKeeps(kept, age))
                .channel("state:*", new StateChannel(name).channel(kept, age))
                .channel("notes:*", NotesChannel.channel())
                .channel("private:*", new PrivateChannel(tokens).channel())
                .channel("own:*", own.channel())
                .onRefresh(own::refresh)
                .channel("limited:*", LimitedChannel.channel())
                .channel("realtime:*", new RealtimeChannel(realtime).channel())
                .channel(
                        "doc:*",
                        documents
                                .channel()
                                .onException(IOException.class, _ -> Reply.error("unavailable"))
                                .build())
                .sends(RoomChannel.NOTIFIED)
                .supabase();
        nodes.ifPresent(shown -> socket.channel(NodesChannel.TOPIC, shown.channel()));
        return socket.build();
    }

    /** A socket that refuses its clients with the status that they request, as pages get it. */
    private static UserSocket<Object> refusing() {
        return UserSocket.connect(connect -> connect.param("status")
                        .filter(text -> text.matches("[45]\\d\\d"))
                        .map(status -> Connect.refuse(Integer.parseInt(status)))
                        .orElseGet(Connect::refuse)
                        .text("as requested"))
                .refuseAfterUpgrade()
                .channel("room:*", Channel.join(join -> Join.ok(Empty.EMPTY)).build())
                .build();
    }

    private static ConnectOutcome<Object> connect(Connect connect) {
        if (connect.param("token").filter("deny"::equals).isPresent()) {
            return Connect.refuse();
        }
        return user(connect).orElseGet(() -> Connect.ok(Empty.EMPTY));
    }

    /** The outcome for a client with a {@code user_id}; empty without one. */
    static Optional<ConnectOutcome<Object>> user(Connect connect) {
        return connect.param("user_id")
                .map(user -> user.getBytes(UTF_8).length > RoomChannel.LONGEST_USER_ID
                        ? Connect.refuse(400).text("user_id must be at most " + RoomChannel.LONGEST_USER_ID + " bytes")
                        : Connect.ok(Empty.EMPTY, "users:" + user));
    }
}
