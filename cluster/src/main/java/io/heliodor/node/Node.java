package io.heliodor.node;

import io.heliodor.binary.DecodeException;
import io.heliodor.codec.Codec;
import io.heliodor.codec.Codecs;
import io.heliodor.election.Election;
import io.heliodor.election.Elections;
import io.heliodor.link.Peer;
import io.heliodor.link.SessionLink;
import io.heliodor.link.Time;
import io.heliodor.link.jgroups.NameResolver;
import io.heliodor.link.jgroups.SeedAddresses;
import io.heliodor.link.jgroups.Timing;
import io.heliodor.link.jgroups.WireSettings;
import io.heliodor.link.jgroups.socket.ProtocolVersions;
import io.heliodor.membership.Health;
import io.heliodor.membership.Membership;
import io.heliodor.membership.Metadata;
import io.heliodor.membership.VoterList;
import io.heliodor.node.consensus.ConsensusConfig;
import io.heliodor.node.pubsub.PubSubNodes;
import io.heliodor.node.wiring.Wiring;
import io.heliodor.process.Body;
import io.heliodor.process.ConflictResolver;
import io.heliodor.process.Down;
import io.heliodor.process.Monitor;
import io.heliodor.process.Name;
import io.heliodor.process.NodeDown;
import io.heliodor.process.Pid;
import io.heliodor.process.ProcessGroup;
import io.heliodor.process.Registry;
import io.heliodor.protocol.Names;
import io.heliodor.pubsub.PubSub;
import io.heliodor.raft.NoStorage;
import io.heliodor.raft.Storage;
import io.heliodor.raft.Voters;
import io.heliodor.raft.file.FileStorage;
import io.heliodor.raft.file.UnusableDirectory;
import io.heliodor.rpc.Rpc;
import io.heliodor.type.Type;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A member of a cluster, with processes, names, groups, calls, elections and a pub/sub that spans all nodes.
 *
 * {@snippet :
 * try (Node node = Node.builder("chat@app1")
 *         .cookie(Cookie.fromEnv("HELIODOR_COOKIE"))
 *         .bind("app1", 7100)
 *         .seeds("app2:7100", "app3:7100")
 *         .start()) {
 *     ...
 * }
 * }
 *
 * <p>Several nodes may run in one JVM. All objects that a node returns belong to it and end with it.
 *
 * <p>All methods may be called from any thread. Methods that block are marked.
 */
public interface Node extends Elections {
    /**
     * A builder for a node.
     *
     * @param name {@code app@host}: the app has 1 to 64 letters, digits, dots, underscores or hyphens; the host is a DNS
     *     name, an IPv4 address, or an IPv6 address in brackets. {@link Builder#start} checks it
     * @return a builder
     */
    static Builder builder(String name) {
        return new Builder(name);
    }

    /**
     * The name of this node.
     *
     * @return {@code app@host}
     */
    String name();

    /**
     * The incarnation of this node: one run under its name.
     *
     * @return 63 random bits, drawn at the start; compare them for equality only
     */
    long incarnation();

    /**
     * The port that it listens at for other nodes.
     *
     * @return the port
     */
    int port();

    /**
     * Connects with the cluster of the node at an address. Does nothing if both are members of the same one.
     *
     * <p><b>Blocking:</b> up to 10 seconds.
     *
     * @param address {@code host:port}
     * @return the outcome
     * @throws IllegalArgumentException when the address is invalid
     */
    ConnectOutcome connect(String address);

    /**
     * Leaves the cluster and continues alone until {@link #connect}; other nodes do not find it until then. Its processes
     * and names stay; others see it as {@code LEFT}. Does nothing if it is alone.
     *
     * <p><b>Blocking:</b> a second or two, some seconds while a member does not reply.
     */
    void disconnect();

    /**
     * Pings another node.
     *
     * <p><b>Blocking:</b> up to the time given.
     *
     * @param node its name; may be that of this node
     * @param timeout how long to wait, more than 0
     * @return the round trip; empty without an answer in time, if the node is not a member, and at once when it leaves
     */
    Optional<Duration> ping(String node, Duration timeout);

    /**
     * Checks the health of the cluster: pings all other members at once.
     *
     * <p><b>Blocking:</b> up to the time given.
     *
     * @param timeout how long to wait, more than 0
     * @return the health as this node sees it
     */
    Health health(Duration timeout);

    /**
     * Starts a process.
     *
     * @param type the type of its messages: a record, or a sealed interface of records
     * @param body its body, on a virtual thread; it may block
     * @param <M> the type of its messages
     * @return its pid
     * @throws IllegalArgumentException when such messages cannot go to other nodes
     */
    <M> Pid<M> spawn(Class<M> type, Body<M> body);

    /**
     * Starts a process that takes messages of a type with arguments.
     *
     * @param type the type of its messages
     * @param body its body, on a virtual thread; it may block
     * @param <M> the type of its messages
     * @return its pid
     * @throws IllegalArgumentException when such messages cannot go to other nodes
     */
    <M> Pid<M> spawn(Type<M> type, Body<M> body);

    /**
     * Calls a listener once when a process or the session to its node has ended; {@link Down} has the reason. It does not
     * wait until that node has the monitor: if the process ends before, the reason is {@code NoProcess}. After an answered
     * {@link #ping} of that node it has the monitor.
     *
     * <p><b>Blocking:</b> a second at most, while no session to the node of the process is open.
     *
     * @param pid any process; of one that has ended the listener is called at once
     * @param listener called on a virtual thread
     * @return ends the monitor when closed
     * @throws io.heliodor.process.LimitReached when this node has 1 000 000 monitors
     * @throws IllegalStateException when the node is closed
     */
    Monitor monitor(Pid<?> pid, Consumer<? super Down> listener);

    /**
     * Calls a listener once when a node leaves the view; at once if it is not in it.
     *
     * @param node its name
     * @param listener called on a virtual thread
     * @return ends the monitor when closed
     * @throws io.heliodor.process.LimitReached when this node has 1 000 000 monitors
     * @throws IllegalStateException when the node is closed
     */
    Monitor monitorNode(String node, Consumer<? super NodeDown> listener);

    /**
     * The registry of process names.
     *
     * @return the registry
     */
    Registry registry();

    /**
     * A group of processes on all nodes. It exists as long as it has members.
     *
     * @param name its name and the type of its messages
     * @param <M> the type of its messages
     * @return the group
     */
    <M> ProcessGroup<M> group(Name<M> name);

    /**
     * The names of all groups with members, as far as this node knows.
     *
     * @return an immutable list, sorted
     */
    List<String> groups();

    /**
     * Remote procedure calls.
     *
     * @return serves and calls procedures
     */
    Rpc rpc();

    /**
     * The members of the cluster.
     *
     * @return the membership
     */
    Membership membership();

    /**
     * The voters of the cluster.
     *
     * @return always the same list
     */
    VoterList voters();

    /**
     * The metadata of all nodes.
     *
     * @return the metadata
     */
    Metadata metadata();

    /**
     * An election.
     *
     * @param name 1 to 255 bytes of UTF-8 without control characters
     * @return the election of that name; the same object each time until it is closed
     * @throws IllegalArgumentException if the name breaks the rule
     */
    @Override
    Election election(String name);

    /**
     * The elections that this node knows: those with a leader, on any node, and those that {@link #election} returned and that
     * are not closed. It does not block.
     *
     * @param limit the maximum number of elections
     * @return the first ones by their names; an immutable list
     * @throws IllegalArgumentException if the limit is negative
     */
    List<ElectionState> elections(int limit);

    /**
     * A pub/sub whose topics span all nodes. Closed with the node.
     *
     * @return the pub/sub
     */
    PubSub pubsub();

    /**
     * Reads a statistic: a counter since the start of this node, or the present value of a gauge. Does not block, and works
     * after the end of the node. {@link Statistic#values()} are all, each with its kind, unit and meaning.
     *
     * @param which the statistic
     * @return its value
     */
    long statistic(Statistic which);

    /**
     * The links to the other members. It does not block.
     *
     * @return one for each other member of the view, in its order; an immutable list
     */
    List<LinkState> links();

    /**
     * The link to one other member. It does not block.
     *
     * @param node its name
     * @return empty for a node that is not another member of the view
     */
    Optional<LinkState> link(String node);

    /**
     * The end of this node: it was closed, or closed itself. A split, for example, does not end a node.
     *
     * @return completes when the node has ended; completing it has no effect
     */
    CompletableFuture<Ending> ended();

    /**
     * Leaves the cluster and ends everything that belongs to this node. Its names become free. Duties are interrupted.
     * Processes end as by {@code Inbox.stop}, and are interrupted 5 s later. Afterwards calls are {@code Unreachable},
     * sends return false, and no process can be started. Closing again does nothing.
     *
     * <p><b>Blocking:</b> a second or two, some more while a member does not reply, and up to 15 while processes end; those
     * that do not end keep running, with an error in the log.
     */
    @Override
    void close();

    /** Builds and starts one node. Not thread-safe. */
    final class Builder {
        /** The default port. */
        public static final int PORT = 7100;

        /** For 14 seconds. */
        private static final int HOST_ATTEMPTS = 8;

        private final String name;
        private String cluster = "heliodor";
        private @Nullable Cookie cookie;
        private @Nullable SSLContext tls;
        private Timing timing = Timing.defaults();
        private @Nullable String host;
        private int port = PORT;
        private @Nullable HostPort advertised;
        private Discovery discovery = List::of;
        private ConflictResolver resolver = ConflictResolver.oldest();
        private final Codecs.Builder codecs = PubSubNodes.codecs(Codecs.builder());
        private @Nullable Path data;
        private List<String> voters = List.of();
        private int maxNames = Names.MAX_NAMES;
        private Minority minority = Minority.CONTINUE;
        private ProtocolVersions versions = ProtocolVersions.PRESENT;
        private boolean started;

        Builder(String name) {
            this.name = Objects.requireNonNull(name, "name");
        }

        /**
         * Sets the name of the cluster. Nodes of other clusters are refused.
         *
         * @param cluster 1 to 255 bytes of UTF-8; by default {@code heliodor}
         * @return this
         */
        public Builder cluster(String cluster) {
            this.cluster = Objects.requireNonNull(cluster, "cluster");
            return this;
        }

        /**
         * Sets the secret that all nodes of the cluster share. Only a node at a loopback address, or with {@link #tls},
         * needs none.
         *
         * @param cookie the secret; with fewer than 16 characters for loopback only
         * @return this
         */
        public Builder cookie(Cookie cookie) {
            this.cookie = Objects.requireNonNull(cookie, "cookie");
            return this;
        }

        /**
         * Sets keys and trust of your own, in place of a cookie. Nodes use TLS 1.3, and each must trust the certificate of
         * the other. Names in certificates are not checked, so trust an authority that signs for this cluster only.
         *
         * @param context with key managers and trust managers
         * @return this
         */
        public Builder tls(SSLContext context) {
            this.tls = Objects.requireNonNull(context, "context");
            return this;
        }

        /**
         * Sets how soon the failure of a machine or a network is detected. The end of a process closes its connections, and
         * is detected within about a second in any case. A node is suspected after four to five heartbeat intervals without a
         * message: names and joins do not wait for it, its sessions continue. It is excluded after {@code silence} plus about a
         * second. A longer silence tolerates longer pauses of a node and outages of the network, up to two seconds less than
         * {@code silence}; a shorter one detects failures sooner. A shorter heartbeat costs packets: one to each other node in
         * each interval.
         *
         * @param heartbeat the interval of heartbeats: 10 ms or more; by default 1 s
         * @param silence the time without a message after which a node is excluded, unless it or another node that reaches it
         *     answers within half a second: longer than a heartbeat; by default 10 s
         * @return this
         * @throws IllegalArgumentException if an interval is out of its range
         */
        public Builder heartbeat(Duration heartbeat, Duration silence) {
            Objects.requireNonNull(heartbeat, "heartbeat");
            Objects.requireNonNull(silence, "silence");
            Timing usual = Timing.defaults();
            this.timing =
                    new Timing(heartbeat, silence, usual.verify(), usual.join(), usual.merge(), usual.handshake());
            return this;
        }

        /**
         * Sets the address to listen at for other nodes; by default the host of the name and port 7100.
         *
         * @param host a name or an address of this machine
         * @param port 1 to 65535, or 0 for any free one
         * @return this
         */
        public Builder bind(String host, int port) {
            this.host = Objects.requireNonNull(host, "host");
            this.port = port;
            return this;
        }

        /**
         * Sets the address to listen at for other nodes, as {@link #bind(String, int)}.
         *
         * @param address {@code host:port}, with an IPv6 address in brackets
         * @return this
         * @throws IllegalArgumentException if the address is invalid
         */
        public Builder bind(String address) {
            HostPort at = HostPort.of(address);
            return bind(at.host(), at.port());
        }

        /**
         * Sets the address by which others reach this node, if it differs: in a container, or with a forwarded port. By default it is
         * the one it listens at. A node that listens at all addresses is reached by the host of its name; if that has no address, or one
         * of loopback, by the address of the machine's own name.
         *
         * @param host a name or an address
         * @param port 1 to 65535, or 0 for the one it listens at
         * @return this
         */
        public Builder advertise(String host, int port) {
            Objects.requireNonNull(host, "host");
            this.advertised = new HostPort(host, port);
            return this;
        }

        /**
         * Sets the address by which others reach this node, as {@link #advertise(String, int)}.
         *
         * @param address {@code host:port}, with an IPv6 address in brackets
         * @return this
         * @throws IllegalArgumentException if the address is invalid
         */
        public Builder advertise(String address) {
            this.advertised = HostPort.of(address);
            return this;
        }

        /**
         * Sets the addresses of other nodes. They may be down: this node retries them.
         *
         * @param addresses {@code host:port} each; a name may have several addresses, and is looked up again at each attempt
         * @return this
         * @throws IllegalArgumentException when an address is invalid
         */
        public Builder seeds(String... addresses) {
            Objects.requireNonNull(addresses, "addresses");
            List<String> fixed = List.of(addresses);
            fixed.forEach(HostPort::of);
            return discovery(() -> fixed);
        }

        /**
         * Sets a source of addresses of other nodes, called at each attempt.
         *
         * @param discovery the source
         * @return this
         */
        public Builder discovery(Discovery discovery) {
            this.discovery = Objects.requireNonNull(discovery, "discovery");
            return this;
        }

        /**
         * Sets who keeps a name with two owners after a split. Use the same on all nodes.
         *
         * @param resolver chooses the owner; by default the oldest
         * @return this
         */
        public Builder onConflict(ConflictResolver resolver) {
            this.resolver = Objects.requireNonNull(resolver, "resolver");
            return this;
        }

        /**
         * Sets the voters: a majority of them decides names and elections. These are the same on all nodes at each time,
         * and change only on the side of a split with a majority of the voters. Use three or five. A majority can begin.
         * Clusters with and without voters refuse each other.
         *
         * <p>The list is used when the cluster begins, and must be the same on all nodes then. Later {@link Node#voters}
         * changes it.
         *
         * @param data the directory of this node, which outlives it; made if it does not exist. A node that does not vote
         *     may have one, too: then it can be made a voter
         * @param nodes the names of the voters, {@code app@host}
         * @return this
         */
        public Builder voters(Path data, String... nodes) {
            Objects.requireNonNull(nodes, "nodes");
            this.data = Objects.requireNonNull(
                    data, "data: a node without a directory does not vote, by voters(String...)");
            return voters(nodes);
        }

        /**
         * A majority of these nodes decides names and elections, and this node never votes: see {@link #voters(Path,
         * String...)}.
         *
         * @param nodes the names of the voters, {@code app@host}
         * @return this
         */
        public Builder voters(String... nodes) {
            Objects.requireNonNull(nodes, "nodes");
            for (String node : nodes) {
                Objects.requireNonNull(node, "nodes: a voter is null");
            }
            this.voters = List.of(nodes);
            return this;
        }

        /**
         * Sets the maximum number of names and elections of the cluster, on the node that grants them. Beyond it the
         * outcome is {@code Registered.Full}. With voters the limit is always 100 000.
         *
         * @param max 1 to 100 000; by default 100 000
         * @return this
         */
        public Builder names(int max) {
            if (max < 1 || max > Names.MAX_NAMES) {
                throw new IllegalArgumentException(
                        "A cluster has 1 to " + Names.MAX_NAMES + " names, not " + max + ".");
            }
            maxNames = max;
            return this;
        }

        /**
         * Sets the behavior of this node in a minority: on the smaller side of a split, or after the failure of most nodes.
         * Use the same on all nodes.
         *
         * @param minority {@link Minority#CONTINUE} by default
         * @return this
         */
        public Builder minority(Minority minority) {
            this.minority = Objects.requireNonNull(minority, "minority");
            return this;
        }

        /**
         * Sets the codec of a class, in place of JSON. Use the same on all nodes.
         *
         * @param type the class
         * @param codec the codec
         * @param <T> the class
         * @return this
         */
        public <T> Builder codec(Class<T> type, Codec<T> codec) {
            Objects.requireNonNull(type, "type");
            Objects.requireNonNull(codec, "codec");
            codecs.codec(type, codec);
            return this;
        }

        /**
         * Sets the maximum size of a message to another node.
         *
         * @param bytes 1 to 4 194 304; by default 4 MiB
         * @return this
         */
        public Builder messageBytes(int bytes) {
            if (bytes < 1 || bytes > Codecs.MESSAGE_BYTES) {
                throw new IllegalArgumentException(
                        "A message has 1 to " + Codecs.MESSAGE_BYTES + " bytes, not " + bytes + ".");
            }
            codecs.limit(bytes);
            return this;
        }

        /**
         * Starts the node: it contacts the seeds, and joins their cluster or begins one.
         *
         * <p>When it returns, the node has the names, groups, metadata and subscriptions of all members: its messages reach
         * all subscribers. If a member does not answer within five seconds, the node continues with a warning.
         *
         * <p><b>Blocking:</b> for about two seconds; longer when seeds or members do not answer. A node with seeds waits up to 14 s
         * for the address of the host where it listens, or of the one that it advertises, with a line in the log.
         *
         * @return the node, a member of a view
         * @throws StartException when it cannot start; all its resources are released
         */
        public Node start() {
            if (started) {
                throw new StartException(
                        StartException.Problem.ALREADY_STARTED,
                        "This builder has started node " + name + " already. Make another one for another node.");
            }
            NodeName checked = NodeName.of(name);
            RunningNode node =
                    Wiring.current().map(wiring -> start(checked, wiring)).orElseGet(() -> start(checked));
            started = true;
            return node;
        }

        private RunningNode start(NodeName checked) {
            Peer self = new Peer(checked.toString(), new SecureRandom().nextLong() & Long.MAX_VALUE);
            WireSettings settings = settings(self, checked);
            Optional<ConsensusConfig> consensus =
                    configured().map(list -> new ConsensusConfig(list, storage(checked, list)));
            RunningNode node = create(self, Time.machine(self.node()), consensus, Wiring.MAX_TOPICS);
            node.open(listener -> JGroupsNodeWire.open(settings, listener), SessionLink.CAPACITY, timing.stall());
            return node;
        }

        private RunningNode start(NodeName checked, Wiring wiring) {
            Peer self = new Peer(checked.toString(), wiring.incarnation());
            RunningNode node = create(
                    self,
                    wiring.time(),
                    configured().map(list -> new ConsensusConfig(list, wiring.storage())),
                    wiring.maxTopics());
            node.open(wiring.opening(), wiring.capacity(), SessionLink.STALL);
            return node;
        }

        private Storage storage(NodeName checked, Voters voters) {
            String node = checked.toString();
            Path directory = data;
            if (directory == null && voters.has(node)) {
                throw new StartException(
                        StartException.Problem.BAD_SETTING,
                        "Node " + node + " is a voter and needs a directory: call voters(Path, String...).");
            }
            try {
                return directory == null ? new NoStorage(Storage.Content.NONE) : FileStorage.open(directory, node);
            } catch (UnusableDirectory e) {
                throw new StartException(StartException.Problem.BAD_DIRECTORY, String.valueOf(e.getMessage()));
            }
        }

        private RunningNode create(Peer self, Time time, Optional<ConsensusConfig> consensus, int maxTopics) {
            try {
                return new RunningNode(self, time, codecs, resolver, consensus, maxNames, maxTopics, minority);
            } catch (DecodeException e) {
                consensus.ifPresent(with -> with.storage().close());
                throw new StartException(
                        StartException.Problem.BAD_DIRECTORY,
                        "The snapshot in the directory of this voter cannot be read: " + e.getMessage());
            } catch (RuntimeException | Error e) {
                consensus.ifPresent(with -> with.storage().close());
                throw e;
            }
        }

        private WireSettings settings(Peer self, NodeName checked) {
            HostPort listen = new HostPort(host == null ? checked.address() : host, port);
            InetSocketAddress bind = resolved(listen, "Say where to listen with bind(host, port).");
            Optional<InetSocketAddress> reached = Optional.ofNullable(advertised)
                    .map(to -> resolved(to, "Say by which address others reach this node with advertise(host, port)."));
            try {
                return new WireSettings(
                        self,
                        bind,
                        reached.or(() -> ofName(checked, bind)),
                        this::found,
                        cluster,
                        cookie == null ? List.of() : cookie.secrets(),
                        timing,
                        !voters.isEmpty(),
                        versions,
                        Optional.ofNullable(tls));
            } catch (IllegalArgumentException e) {
                throw new StartException(StartException.Problem.BAD_SETTING, String.valueOf(e.getMessage()));
            }
        }

        /** Waits for the address of a host if there are seeds: without them a name without an address is a mistake. */
        private InetSocketAddress resolved(HostPort at, String advice) {
            try {
                int attempts = discovery.addresses().isEmpty() ? 1 : HOST_ATTEMPTS;
                return NameResolver.await(at.host(), attempts)
                        .map(address -> new InetSocketAddress(address, at.port()))
                        .orElseThrow(() -> new StartException(
                                StartException.Problem.BAD_SETTING,
                                "The host " + at.host() + " has no address here. " + advice));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StartException(StartException.Problem.BAD_SETTING, "The start was interrupted.");
            }
        }

        /** The address of the name, for a node that listens at all addresses; empty if other machines cannot reach it. */
        private static Optional<InetSocketAddress> ofName(NodeName name, InetSocketAddress bind) {
            InetSocketAddress named = new InetSocketAddress(name.address(), 0);
            return bind.getAddress().isAnyLocalAddress()
                            && !named.isUnresolved()
                            && !named.getAddress().isLoopbackAddress()
                    ? Optional.of(named)
                    : Optional.empty();
        }

        private Optional<Voters> configured() {
            voters.forEach(NodeName::of);
            try {
                return voters.isEmpty() ? Optional.empty() : Optional.of(Voters.named(voters));
            } catch (IllegalArgumentException e) {
                throw new StartException(StartException.Problem.BAD_SETTING, String.valueOf(e.getMessage()));
            }
        }

        /** Sets the protocol versions of another release, for tests. */
        Builder versions(ProtocolVersions others) {
            versions = others;
            return this;
        }

        private List<InetSocketAddress> found() {
            List<InetSocketAddress> seeds = new ArrayList<>();
            for (String address : discovery.addresses()) {
                HostPort seed = HostPort.of(address);
                seeds.add(InetSocketAddress.createUnresolved(seed.host(), seed.port()));
            }
            return SeedAddresses.of(seeds).addresses();
        }
    }
}
