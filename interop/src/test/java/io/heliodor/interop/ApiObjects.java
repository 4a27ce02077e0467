package io.heliodor.interop;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Connect;
import io.heliodor.channel.ConnectOutcome;
import io.heliodor.channel.Context;
import io.heliodor.channel.DeferredReply;
import io.heliodor.channel.History;
import io.heliodor.channel.InfoMessage;
import io.heliodor.channel.Join;
import io.heliodor.channel.KeptMessages;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Outgoing;
import io.heliodor.channel.Reply;
import io.heliodor.channel.SlowPolicy;
import io.heliodor.channel.Socket;
import io.heliodor.channel.UserSocket;
import io.heliodor.client.Client;
import io.heliodor.client.ClientChannel;
import io.heliodor.client.Presences;
import io.heliodor.client.okhttp.OkHttpSocket;
import io.heliodor.client.socket.JdkSocket;
import io.heliodor.codec.Codec;
import io.heliodor.codec.Codecs;
import io.heliodor.dashboard.Dashboard;
import io.heliodor.describe.ContractFiles;
import io.heliodor.describe.SocketContract;
import io.heliodor.document.DocumentStore;
import io.heliodor.document.Documents;
import io.heliodor.election.Election;
import io.heliodor.election.Elections;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import io.heliodor.group.Group;
import io.heliodor.group.Groups;
import io.heliodor.jwt.Jwt;
import io.heliodor.jwt.Jwts;
import io.heliodor.limit.Limits;
import io.heliodor.limit.Rate;
import io.heliodor.limit.SessionLimits;
import io.heliodor.membership.Membership;
import io.heliodor.membership.Metadata;
import io.heliodor.membership.VoterList;
import io.heliodor.micrometer.HeliodorMetrics;
import io.heliodor.micrometer.HeliodorObservations;
import io.heliodor.micrometer.NodeMetrics;
import io.heliodor.node.Cookie;
import io.heliodor.node.LocalElections;
import io.heliodor.node.Node;
import io.heliodor.observe.Metrics;
import io.heliodor.presence.Owner;
import io.heliodor.presence.Presence;
import io.heliodor.presence.PresenceOwner;
import io.heliodor.process.Child;
import io.heliodor.process.Inbox;
import io.heliodor.process.Name;
import io.heliodor.process.Pid;
import io.heliodor.process.ProcessGroup;
import io.heliodor.process.Registry;
import io.heliodor.process.ReplyTo;
import io.heliodor.process.Supervisor;
import io.heliodor.pubsub.PubSub;
import io.heliodor.pubsub.Topic;
import io.heliodor.rpc.Procedure;
import io.heliodor.rpc.Rpc;
import io.heliodor.schema.Schema;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.ClusterKit;
import io.heliodor.testkit.Refusal;
import io.heliodor.testkit.TestChannel;
import io.heliodor.testkit.TestClient;
import io.heliodor.testkit.TestClock;
import io.heliodor.token.Revocations;
import io.heliodor.token.Secret;
import io.heliodor.token.Tokens;
import io.heliodor.type.Type;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.observation.ObservationRegistry;
import java.lang.reflect.Constructor;
import java.lang.reflect.Proxy;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import okhttp3.OkHttpClient;
import tools.jackson.databind.json.JsonMapper;

/** An object of each type of the public API, as applications get it: built, or from a server and a node in memory. */
final class ApiObjects implements AutoCloseable {
    record Payload(String text) {}

    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final String NODE = "a@host";
    private static final Event<Payload> EVENT = Event.of("event", Payload.class);
    private static final Event<Empty> RUN = Event.of("run", Empty.class);
    private static final Call<Payload, Payload, Reason> CALL = Call.of("call", Payload.class, Payload.class);
    private static final Name<Payload> NAME = Name.of("name", Payload.class);
    private static final History HISTORY = History.of(1, Duration.ofMinutes(1), EVENT);

    /** A call on an object. */
    interface Probe {
        Optional<Throwable> call(Object object) throws Exception;
    }

    /** Calls a probe with an object, on the thread that may use it. */
    interface Subject {
        /** No object, for static methods and constructors. */
        Subject NONE = new Named("", probe -> probe.call(null));

        Optional<Throwable> call(Probe probe) throws Exception;
    }

    /** A subject with a text for the names of tests. */
    private record Named(String text, Subject subject) implements Subject {
        @Override
        public Optional<Throwable> call(Probe probe) throws Exception {
            return subject.call(probe);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private final Map<Class<?>, List<Subject>> subjects = new HashMap<>();
    private final Map<Class<?>, Object> values = new HashMap<>();

    private final PubSub pubsub = PubSub.local();
    private final Endpoint endpoint =
            Endpoint.builder().pubsub(pubsub).socket("/a", socket()).build();
    private final Groups groups = Groups.over(pubsub);
    private final Presence<Payload> presence = Presence.over(pubsub, Payload.class);
    private final ClusterKit cluster = ClusterKit.start(NODE);
    private final LocalElections elections = LocalElections.start();
    private final Node node = cluster.node(NODE);

    private final AtomicReference<Connect> connect = new AtomicReference<>();
    private final AtomicReference<Join<Object>> join = new AtomicReference<>();
    private final AtomicReference<Context<Object, Object>> context = new AtomicReference<>();
    private final AtomicReference<DeferredReply<Payload, Reason>> deferred = new AtomicReference<>();
    private final AtomicReference<Runnable> inHandler = new AtomicReference<>(() -> {});
    private final ChannelKit kit = ChannelKit.start(UserSocket.<Object>connect(request -> {
                connect.set(request);
                return Connect.ok(Empty.EMPTY, "id");
            })
            .channel("room:*", room())
            .channel(
                    "refused:*",
                    Channel.join(request -> Join.refuse(new Payload("a"))).build())
            .build());
    private final TestClient client = kit.connect();
    private final TestChannel channel = client.join("room:1");

    private final Client javaClient =
            Client.to(java.net.URI.create("http://a")).token(() -> "a").build();

    ApiObjects() {
        channel.push(EVENT, new Payload("a"));
        channel.push(Event.of("call", Payload.class), new Payload("a"));
        kit.settle();
        values();
        channels();
        endpoints();
        cluster();
        kits();
        clients();
    }

    private static UserSocket<Object> socket() {
        return UserSocket.open().channel("*", builder().build()).build();
    }

    private static Channel.Builder<Object, Object> builder() {
        return Channel.join(request -> Join.ok(Empty.EMPTY));
    }

    private Channel<Object, Object> room() {
        return Channel.<Object>join(request -> {
                    join.set(request);
                    return Join.ok(Empty.EMPTY);
                })
                .onJoined(context::set)
                .on(EVENT, (payload, in) -> in.broadcast(EVENT, payload))
                .on(RUN, (nothing, in) -> {
                    inHandler.get().run();
                    return NoReply.none();
                })
                .answerLater(CALL, (payload, in, reply) -> deferred.set(reply))
                .history(HISTORY)
                .build();
    }

    private void values() {
        values.put(String.class, "/a");
        values.put(int.class, 1);
        values.put(long.class, 1L);
        values.put(boolean.class, true);
        values.put(Object.class, new Payload("a"));
        values.put(Class.class, Payload.class);
        values.put(java.lang.reflect.Type.class, Payload.class);
        values.put(Throwable.class, new IllegalStateException("on purpose"));
        values.put(IllegalArgumentException.class, new IllegalArgumentException("on purpose"));
        values.put(byte[].class, Secret.fresh().getBytes(java.nio.charset.StandardCharsets.UTF_8));
        values.put(String[].class, new String[] {"https://a"});
        values.put(Event[].class, new Event<?>[] {EVENT});
        values.put(Secret[].class, new Secret[0]);
        values.put(Optional.class, Optional.empty());
        values.put(OptionalInt.class, OptionalInt.empty());
        values.put(OptionalLong.class, OptionalLong.empty());
        values.put(List.class, List.of());
        values.put(Collection.class, List.of("/a"));
        values.put(Iterable.class, List.of());
        values.put(Set.class, Set.of("a"));
        values.put(Map.class, Map.of());
        values.put(Duration.class, Duration.ofSeconds(1));
        values.put(Instant.class, Instant.EPOCH);
        values.put(java.time.ZoneId.class, ZoneOffset.UTC);
        values.put(java.net.URI.class, java.net.URI.create("https://a"));
        values.put(Path.class, Path.of("."));
        values.put(JsonMapper.class, JsonMapper.shared());
        values.put(Type.class, Type.of(Payload.class));
        values.put(Event.class, EVENT);
        values.put(Call.class, CALL);
        values.put(Topic.class, Topic.of("topic", Payload.class));
        values.put(InfoMessage.class, InfoMessage.of("message", Payload.class));
        values.put(Name.class, NAME);
        values.put(Procedure.class, Procedure.of("procedure", Payload.class, Payload.class));
        values.put(Rate.class, Rate.perSecond(1));
        values.put(History.class, HISTORY);
        values.put(SlowPolicy.class, SlowPolicy.drop());
        values.put(Reply.class, Reply.ok());
        values.put(Limits.class, Limits.openInternet());
        values.put(SessionLimits.class, Limits.openInternet().sessions());
        values.put(ConnectOutcome.Refused.class, Connect.refuse());
        values.put(Channel.class, builder().build());
        values.put(UserSocket.class, socket());
        values.put(PubSub.class, pubsub);
        values.put(Presence.class, presence);
        values.put(PresenceOwner.class, Owner.of("a"));
        values.put(Groups.class, groups);
        values.put(Endpoint.class, endpoint);
        values.put(Secret.class, Secret.of(Secret.fresh()));
        values.put(Revocations.class, Revocations.local());
        values.put(Codec.class, Codec.text());
        values.put(Cookie.class, Cookie.random());
        values.put(Node.class, node);
        values.put(Supervisor.class, Supervisor.oneForOne().build());
        values.put(Child.class, Child.of("child", Supervisor.oneForOne().build()));
        values.put(ClusterKit.class, cluster);
        values.put(TestClock.class, TestClock.create());
        values.put(TestChannel.class, channel);
        values.put(io.micrometer.core.instrument.MeterRegistry.class, new SimpleMeterRegistry());
        values.put(ObservationRegistry.class, ObservationRegistry.create());
        values.put(SSLContext.class, context());
    }

    private static SSLContext context() {
        try {
            return SSLContext.getDefault();
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private void channels() {
        each(Channel.Builder.class, ApiObjects::builder);
        each(Channel.Of.class, () -> Channel.of(Object.class));
        each(UserSocket.Builder.class, UserSocket::open);
        each(Tokens.Builder.class, () -> Tokens.of(Payload.class, "purpose"));
        each(
                Tokens.class,
                () -> Tokens.of(Payload.class, "purpose")
                        .secrets(Secret.of(Secret.fresh()))
                        .build());
        each(Revocations.class, Revocations::local);
        each(Jwt.class, () -> new Jwt("a", Instant.EPOCH, Map.of()));
        each(Jwts.Builder.class, () -> Jwts.issuer("https://a"));
        each(Jwts.class, () -> Jwts.issuer("https://a").audience("a").build());
        each(Presence.Builder.class, () -> Presence.builder(PubSub.local(), Payload.class));
        each(Presence.class, () -> presence);
        each(Owner.class, () -> Owner.of("a"));
        each(PubSub.class, PubSub::local);
        subjects.get(PubSub.class).add(new Named(" of a node", probe -> probe.call(node.pubsub())));
        each(Outgoing.class, () -> new Outgoing(Outgoing.Kind.PUSH, List.of(), Optional.empty(), () -> {}));
        each(Groups.class, () -> groups);
        each(Group.class, () -> groups.ensure("group"));
        each(Connect.class, connect::get);
        each(Join.class, join::get);
        each(Socket.class, () -> context.get().socket());
        each(DeferredReply.class, deferred::get);
        each(
                KeptMessages.Message.class,
                () -> kit.channels().newest("room:1", 1).messages().getFirst());
        subjects.put(Context.class, List.of(new Named(" in a handler", this::inHandler)));
        subjects.put(PresenceOwner.class, List.of(new Named(" of a channel", this::inHandler)));
    }

    private Optional<Throwable> inHandler(Probe probe) throws Exception {
        CompletableFuture<Optional<Throwable>> result = new CompletableFuture<>();
        inHandler.set(() -> complete(result, probe, context.get()));
        channel.push(RUN);
        return result.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }

    private static void complete(CompletableFuture<Optional<Throwable>> result, Probe probe, Object object) {
        try {
            result.complete(probe.call(object));
        } catch (Throwable e) {
            result.completeExceptionally(e);
        }
    }

    private void endpoints() {
        each(Endpoint.class, () -> endpoint);
        each(Endpoint.Builder.class, Endpoint::builder);
        each(Channels.class, endpoint::channels);
        subjects.get(Channels.class).add(new Named(" of a pub/sub", probe -> probe.call(Channels.over(pubsub))));
        each(Metrics.class, endpoint::metrics);
        each(Dashboard.class, () -> Dashboard.over(PubSub.local()).build());
        each(Dashboard.Builder.class, () -> Dashboard.over(PubSub.local()));
        each(HeliodorMetrics.class, () -> HeliodorMetrics.of(endpoint));
        each(HeliodorObservations.class, () -> HeliodorObservations.of(ObservationRegistry.create()));
        each(NodeMetrics.class, () -> NodeMetrics.of(node));
    }

    private void cluster() {
        each(Node.class, () -> node);
        each(Elections.class, () -> node);
        each(LocalElections.class, () -> elections);
        each(Node.Builder.class, () -> Node.builder("b@host"));
        each(Registry.class, node::registry);
        each(Rpc.class, node::rpc);
        each(Membership.class, node::membership);
        each(Metadata.class, node::metadata);
        each(VoterList.class, node::voters);
        each(Election.class, () -> node.election("election"));
        each(ProcessGroup.class, () -> node.group(NAME));
        Pid<Payload> pid = node.spawn(Payload.class, inbox -> {
            while (true) {
                Payload _ = inbox.receive();
            }
        });
        values.put(Pid.class, pid);
        each(Pid.class, () -> pid);
        each(ReplyTo.class, () -> replyTo(pid));
        subjects.put(Inbox.class, List.of(new Named(" in a process", this::inProcess)));
        each(Cookie.class, Cookie::random);
        each(Codec.class, Codec::text);
        each(Codec.VariantsBuilder.class, Codec::variants);
        each(Codec.VersionsBuilder.class, () -> Codec.versions(1, Codec.text()));
        each(Codecs.class, () -> Codecs.builder().build());
        each(Codecs.Builder.class, Codecs::builder);
        each(Supervisor.class, () -> Supervisor.oneForOne().build());
        each(Supervisor.Builder.class, Supervisor::oneForOne);
    }

    private static ReplyTo<Payload> replyTo(Pid<Payload> pid) {
        AtomicReference<ReplyTo<Payload>> held = new AtomicReference<>();
        try {
            var _ = pid.call(
                    (ReplyTo<Payload> reply) -> {
                        held.set(reply);
                        throw new IllegalStateException("not sent");
                    },
                    Duration.ofSeconds(1));
        } catch (IllegalStateException e) {
            // The call is over, and its object is left.
        }
        return held.get();
    }

    private Optional<Throwable> inProcess(Probe probe) throws Exception {
        CompletableFuture<Optional<Throwable>> result = new CompletableFuture<>();
        Pid<Payload> _ = node.spawn(Payload.class, inbox -> complete(result, probe, inbox));
        return result.get(DEADLINE.toSeconds(), TimeUnit.SECONDS);
    }

    private void kits() {
        each(ChannelKit.class, () -> kit);
        each(ChannelKit.Builder.class, () -> ChannelKit.builder(socket()));
        each(ChannelKit.Request.class, kit::request);
        each(TestClient.class, () -> client);
        each(TestChannel.class, () -> channel);
        each(TestClock.class, TestClock::create);
        each(Refusal.Other.class, () -> client.joinRefused("refused:1"));
        each(ClusterKit.class, () -> cluster);
        each(ClusterKit.Builder.class, ClusterKit::builder);
        SocketContract contract = SocketContract.of(
                "Desk",
                UserSocket.open()
                        .channel(
                                "desk:*",
                                Channel.join(join -> Join.ok(Empty.EMPTY)).build())
                        .build());
        values.put(SocketContract.class, contract);
        each(SocketContract.class, () -> contract);
        each(ContractFiles.class, () -> ContractFiles.of(contract));
        each(Schema.class, () -> new Schema.Ref("name"));
    }

    private void clients() {
        Documents documents = Documents.of(PubSub.local(), DocumentStore.inMemory());
        values.put(DocumentStore.class, DocumentStore.inMemory());
        each(Documents.class, () -> documents);
        ClientChannel room = javaClient.channel("room:1");
        values.put(HttpClient.class, HttpClient.newHttpClient());
        values.put(ByteBuffer.class, ByteBuffer.allocate(1));
        values.put(TimeUnit.class, TimeUnit.SECONDS);
        each(Client.class, () -> javaClient);
        each(Client.Builder.class, () -> Client.to(java.net.URI.create("http://a")));
        each(ClientChannel.class, () -> room);
        each(Presences.class, () -> room.presences(Payload.class));
        each(JdkSocket.class, () -> new JdkSocket(HttpClient.newHttpClient()));
        values.put(OkHttpClient.class, new OkHttpClient());
        each(OkHttpSocket.class, () -> new OkHttpSocket(new OkHttpClient()));
    }

    private void each(Class<?> type, Supplier<?> fresh) {
        subjects.put(type, new java.util.ArrayList<>(List.of(new Named("", probe -> probe.call(fresh.get())))));
    }

    /** The objects of a type to call its methods on. */
    List<Subject> subjects(Class<?> type) {
        List<Subject> found = subjects.get(type);
        if (found != null) {
            return found;
        }
        if (type.isRecord()) {
            return List.of(new Named("", probe -> probe.call(value(type))));
        }
        throw new AssertionError("There is no object of " + type + " to call its methods on; add it here.");
    }

    /** A valid value for a parameter of a type. */
    Object value(Class<?> type) {
        if (values.containsKey(type)) {
            return values.get(type);
        }
        if (type.isEnum()) {
            return type.getEnumConstants()[0];
        }
        if (type.isRecord()) {
            return record(type);
        }
        if (type.isSealed()) {
            return value(type.getPermittedSubclasses()[0]);
        }
        return type.isInterface()
                ? Proxy.newProxyInstance(
                        type.getClassLoader(), new Class<?>[] {type}, (proxy, called, arguments) -> null)
                : null;
    }

    private Object record(Class<?> type) {
        Constructor<?> constructor = type.getConstructors()[0];
        try {
            return constructor.newInstance(Arrays.stream(constructor.getParameterTypes())
                    .map(this::value)
                    .toArray());
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("No value of " + type + " can be made; add one to the table.", e);
        }
    }

    @Override
    public void close() {
        kit.close();
        cluster.close();
        elections.close();
        groups.close();
        presence.close();
        endpoint.close();
        pubsub.close();
    }
}
