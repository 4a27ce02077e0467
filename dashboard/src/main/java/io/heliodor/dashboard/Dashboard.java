package io.heliodor.dashboard;

import io.heliodor.describe.SocketContract;
import io.heliodor.election.Election;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.node.ElectionState;
import io.heliodor.node.LinkState;
import io.heliodor.node.Node;
import io.heliodor.node.Statistic;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A page for operators at {@code /dashboard} of an endpoint: all nodes of the cluster with their connections, topics and users, live.
 *
 * {@snippet lang="java" :
 * Dashboard dashboard = Dashboard.over(node.pubsub()).node(node).presence("rooms", presence).build();
 * Endpoint endpoint = dashboard.mountOn(Endpoint.builder().pubsub(node.pubsub()).socket("/socket", socket)).build().start();
 * System.out.println("http://localhost:" + endpoint.port() + dashboard.path());
 * }
 *
 * <p>Each reader needs the token, which is random for each build unless one is given. A reader sees ids, addresses and topics of all
 * connections, but no payloads other than those that {@link Builder#showsPayloads} lets traces show. The page changes nothing on the
 * server, unless {@linkplain Builder#actions actions} are on. On a {@linkplain Endpoint.Builder#management management address}
 * it is served there only.
 *
 * <p>While no page is open nothing runs. An open page queries the nodes once a second; nodes without a dashboard are shown as such.
 *
 * <p>Any thread may use it.
 */
public final class Dashboard implements AutoCloseable {
    private static final String PATH = "/dashboard";
    private static final String SOCKET = PATH + "/socket";
    private static final int MAX_LINKS = 64;

    /** Members that answer later count as unreachable, and give no reason by that. */
    private static final Duration HEALTH_TIMEOUT = Duration.ofMillis(200);

    static final int MAX_ELECTIONS = 20;

    private final AccessToken token;
    private final Traces traces;
    private final ClusterQueries queries;
    private final Actions actions;
    private final DashboardChannel channel;

    private Dashboard(Builder builder) {
        this.token = builder.token;
        this.traces = new Traces(builder.pubsub, builder.traceLimits, builder.shown.copy(), builder.clock);
        Presences presences = new Presences(builder.presences);
        this.queries = new ClusterQueries(
                builder.pubsub,
                new LocalNode(builder.pubsub, builder.cluster, presences, traces, builder.clock),
                builder.clock);
        this.actions = new Actions(builder.pubsub, new PageSockets(builder.pubsub, SOCKET), builder.actions);
        this.channel = new DashboardChannel(token, queries, presences, actions, builder.traceLimits);
    }

    /**
     * Creates a builder.
     *
     * @param pubsub the pub/sub of the endpoints that it shows, such as {@code node.pubsub()}
     * @return a builder with a random token
     */
    public static Builder over(PubSub pubsub) {
        return new Builder(Objects.requireNonNull(pubsub, "pubsub"));
    }

    /**
     * Adds the page and its socket to an endpoint, whose pub/sub is that of the dashboard.
     *
     * @param builder the builder of the endpoint
     * @return the same builder
     * @throws IllegalArgumentException if a path under {@code /dashboard} is taken
     */
    public Endpoint.Builder mountOn(Endpoint.Builder builder) {
        Objects.requireNonNull(builder, "builder");
        new PageFiles(token, actions::refused).addTo(builder, PATH);
        return builder.managementSocket(SOCKET, channel.socket());
    }

    /**
     * Returns the path of the page with the token, which opens it: a secret.
     *
     * @return {@code /dashboard?token=...}
     */
    public String path() {
        return PATH + "?token=" + token.text();
    }

    /** The contract of its socket. */
    SocketContract contract() {
        return SocketContract.of("Dashboard", channel.socket());
    }

    /** The channel of its socket. */
    DashboardChannel channel() {
        return channel;
    }

    /** Whether this node has a trace, or a thread for traces. */
    boolean isTracing() {
        return traces.isRunning();
    }

    /** Ends the answers to other nodes, and the execution of their actions. The page stays, as long as the endpoint serves it. */
    @Override
    public void close() {
        queries.close();
        actions.close();
    }

    /** Builds a dashboard. Not thread-safe. */
    public static final class Builder {
        private final PubSub pubsub;
        private final Map<String, Presence<?>> presences = new HashMap<>();
        private AccessToken token = AccessToken.random();
        private Supplier<Optional<ClusterView>> cluster = Optional::empty;
        private LongSupplier clock = System::nanoTime;
        private final ShownPayloads shown = new ShownPayloads();
        private TraceLimits traceLimits = TraceLimits.DEFAULTS;
        private boolean actions;

        private Builder(PubSub pubsub) {
            this.pubsub = pubsub;
        }

        /**
         * Sets the token that opens the page; a random one of 256 bits by default.
         *
         * @param secret 16 to 256 letters, digits and signs of {@code . _ ~ -}
         * @return this
         * @throws IllegalArgumentException if it has other characters, or another length
         */
        public Builder token(String secret) {
            this.token = AccessToken.of(Objects.requireNonNull(secret, "secret"));
            return this;
        }

        /**
         * Shows the coordinator, the voters, the links and the leaders of elections as a node sees them. It needs
         * {@code heliodor-cluster}.
         *
         * @param shown the node of the pub/sub
         * @return this
         */
        public Builder node(Node shown) {
            Objects.requireNonNull(shown, "shown");
            this.cluster = () -> Optional.of(view(shown));
            return this;
        }

        /**
         * Shows the keys of a presence on the page of each topic, and the number of its presences on the overview of a cluster.
         *
         * @param name its name on the page
         * @param shown the presence
         * @return this
         */
        public Builder presence(String name, Presence<?> shown) {
            presences.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(shown, "shown"));
            return this;
        }

        /**
         * Lets traces show the payloads of some events of some topics, and those of the replies to them: the first 2 KiB of JSON.
         * Without it a trace shows no payload. It counts for the frames of the connections of this node. Payloads of joins and
         * of the connection are never shown. May be called several times.
         *
         * @param topics a topic, or a prefix with a {@code *}, such as {@code room:*}
         * @param events names of events and calls on the wire
         * @return this
         * @throws IllegalArgumentException if {@code topics} is not a pattern, or no event is given
         */
        public Builder showsPayloads(String topics, String... events) {
            Objects.requireNonNull(topics, "topics");
            Objects.requireNonNull(events, "events");
            List<String> names = List.of(events);
            if (names.isEmpty()) {
                throw new IllegalArgumentException("No event of '" + topics
                        + "' is given; name each event whose payloads may be shown, or leave out the call.");
            }
            shown.add(topics, names);
            return this;
        }

        /** Sets the limits of traces. */
        Builder traces(TraceLimits limits) {
            this.traceLimits = limits;
            return this;
        }

        /**
         * Has the page show actions, and the server execute them: disconnect a user or one connection, remove a member from a topic,
         * drain a node, send a message as a client. Without this the server refuses them. A connection is disconnected and a node is
         * drained only if the actions are on at their node, too. A message has the rights of the token that its sender types, and the
         * page shows the contracts of the sockets for it. Each action is an {@linkplain io.heliodor.observe.AuditEvent audit event}.
         *
         * @return this
         */
        public Builder actions() {
            this.actions = true;
            return this;
        }

        /** Sets the clock of the second in which an answer is fresh: monotonic, in nanoseconds. */
        Builder clock(LongSupplier nanos) {
            this.clock = nanos;
            return this;
        }

        /**
         * Creates the dashboard, which answers the dashboards of other nodes from now on.
         *
         * @return the dashboard
         * @throws IllegalStateException if the pub/sub has a dashboard, or is closed
         */
        public Dashboard build() {
            return new Dashboard(this);
        }

        private static ClusterView view(Node node) {
            return new ClusterView(
                    node.membership().coordinator(),
                    limited(node.voters().nodes()),
                    limited(node.voters().notVoting()),
                    node.links().stream().limit(MAX_LINKS).map(Builder::link).toList(),
                    Optional.of(new Reachability(
                            node.statistic(Statistic.SUSPECTS),
                            node.statistic(Statistic.DETOURS),
                            node.statistic(Statistic.PUBLISH_LOST))),
                    Optional.of(elections(node)),
                    limited(node.health(HEALTH_TIMEOUT).reasons()));
        }

        private static ElectionList elections(Node node) {
            List<ElectionState> first = node.elections(MAX_ELECTIONS + 1);
            return new ElectionList(
                    first.stream()
                            .limit(MAX_ELECTIONS)
                            .map(each -> new ElectionLeader(
                                    each.name(), each.leader().map(Election.Leader::node)))
                            .toList(),
                    first.size() > MAX_ELECTIONS);
        }

        private static List<String> limited(List<String> names) {
            return names.stream().limit(MAX_LINKS).toList();
        }

        private static Link link(LinkState link) {
            return new Link(
                    link.node(),
                    link.queuedBytes(),
                    link.roundTrip().map(time -> TimeUnit.NANOSECONDS.toMicros(time.toNanos())),
                    link.through());
        }
    }
}
