package io.heliodor.node;

import io.heliodor.election.Election;
import io.heliodor.membership.Health;
import io.heliodor.membership.Membership;
import io.heliodor.membership.Metadata;
import io.heliodor.membership.VoterList;
import io.heliodor.process.Body;
import io.heliodor.process.Down;
import io.heliodor.process.Monitor;
import io.heliodor.process.Name;
import io.heliodor.process.NodeDown;
import io.heliodor.process.Pid;
import io.heliodor.process.ProcessGroup;
import io.heliodor.process.Registry;
import io.heliodor.pubsub.PubSub;
import io.heliodor.rpc.Rpc;
import io.heliodor.type.Type;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * One member of a cluster: the front door to processes, names, groups, calls, leaders and a pub/sub that spans nodes.
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
 * <p>Several nodes live in one JVM without knowing it. What a node gives out belongs to it and ends with it.
 *
 * <p>All methods may be called from any thread; those that block say so.
 */
public interface Node extends AutoCloseable {
    /**
     * Begins to describe a node.
     *
     * @param name {@code app@host}: the app has 1 to 64 letters, digits, dots, underscores or hyphens; the host is a DNS
     *     name, an IPv4 address, or an IPv6 address in brackets. It is checked by {@link NodeBuilder#start}
     * @return a builder
     */
    static NodeBuilder builder(String name) {
        return new NodeBuilder(name);
    }

    /**
     * Its name.
     *
     * @return {@code app@host}
     */
    String name();

    /**
     * Which life of its name it is.
     *
     * @return 63 random bits, drawn when it was started; compared for equality only
     */
    long incarnation();

    /**
     * Where it listens for other nodes.
     *
     * @return the port
     */
    int port();

    /**
     * Connects with the cluster of which the node at an address is a member. If this node is connected with that cluster
     * already, that is all.
     *
     * <p><b>Blocking:</b> up to 10 seconds.
     *
     * @param address {@code host:port}
     * @return how it ended
     * @throws IllegalArgumentException when that is no address
     */
    ConnectOutcome connect(String address);

    /**
     * Leaves the cluster and lives on alone until {@link #connect}: nobody finds it meanwhile. Processes and names of this
     * node stay; others see it as {@code LEFT}. Alone already, nothing happens.
     *
     * <p><b>Blocking:</b> a second or two, some seconds while a member does not reply.
     */
    void disconnect();

    /**
     * Asks another node for a sign of life.
     *
     * <p><b>Blocking:</b> up to the time given.
     *
     * @param node its name; this node's own is answered too
     * @param timeout how long to wait, more than 0
     * @return how long the answer took; empty when none came, when the node is not a member, and at once when it leaves
     */
    Optional<Duration> ping(String node, Duration timeout);

    /**
     * Asks all other members for a sign of life, at once.
     *
     * <p><b>Blocking:</b> up to the time given.
     *
     * @param timeout how long to wait, more than 0
     * @return how the cluster looks from here
     */
    Health health(Duration timeout);

    /**
     * Starts a process.
     *
     * @param type what may be sent to it: a record, or a sealed interface of records
     * @param body what it does, on a virtual thread; it may block
     * @param <M> what may be sent to it
     * @return its address
     * @throws IllegalArgumentException when such messages cannot go to other nodes
     */
    <M> Pid<M> spawn(Class<M> type, Body<M> body);

    /**
     * Starts a process that takes messages of a type with arguments.
     *
     * @param type what may be sent to it
     * @param body what it does, on a virtual thread; it may block
     * @param <M> what may be sent to it
     * @return its address
     * @throws IllegalArgumentException when such messages cannot go to other nodes
     */
    <M> Pid<M> spawn(Type<M> type, Body<M> body);

    /**
     * Calls a listener once when a process or the session to its node has ended; {@link Down} has the reason. It does not wait
     * until that node has the monitor: if the process ends before, the reason is {@code NoProcess}. After an answered
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
     * Which process has which name.
     *
     * @return the registry
     */
    Registry registry();

    /**
     * A group of processes on all nodes. It exists as long as it has members.
     *
     * @param name its name and what its members take
     * @param <M> what its members take
     * @return the group
     */
    <M> ProcessGroup<M> group(Name<M> name);

    /**
     * The names of all groups that have members, as far as is known here.
     *
     * @return an immutable list, sorted
     */
    List<String> groups();

    /**
     * Calls to other nodes.
     *
     * @return what serves and calls procedures
     */
    Rpc rpc();

    /**
     * Who is a member.
     *
     * @return the membership
     */
    Membership membership();

    /**
     * The voters, if the cluster has some.
     *
     * @return always the same list
     */
    VoterList voters();

    /**
     * What each node says of itself.
     *
     * @return the metadata
     */
    Metadata metadata();

    /**
     * An election.
     *
     * @param name 1 to 255 bytes of UTF-8 without control characters
     * @return the election of that name; the same object each time until it is closed
     */
    Election election(String name);

    /**
     * A pub/sub whose topics span all nodes. Closed with the node.
     *
     * @return the pub/sub
     */
    PubSub pubsub();

    /**
     * A counter since the start of this node, or a gauge as it is now. Any thread may read it, after the end too. Reading does not
     * block. {@link Statistic#values()} are all, each with its kind, unit and meaning.
     *
     * @param which which number
     * @return its value now
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
     * That this node has ended: because it was closed, or closed itself. Other things that happen, like a split, end no node.
     *
     * @return complete when nothing of the node is left; to complete it has no effect
     */
    CompletableFuture<Ending> ended();

    /**
     * Leaves the cluster and ends everything that belongs to this node. Its names are free. Duties are interrupted. Processes
     * are asked to end, as by {@code Inbox.stop}, and interrupted 5 s later. Afterwards calls are {@code Unreachable}, sends
     * return false, and nothing can be started. Closing again does nothing.
     *
     * <p><b>Blocking:</b> a second or two, some more while a member does not reply, and up to 15 while processes end; those
     * that do not are left to themselves, with an error in the log.
     */
    @Override
    void close();
}
