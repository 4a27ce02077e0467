package io.heliodor.playground.node;

import io.heliodor.playground.node.Result.Done;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * A cluster node, as the shell needs it: a method for each command, and values for what came of it. Node names are without
 * the port. Each command calls on a virtual thread of its own, one after the other; one that takes longer than it may is
 * interrupted, and the next one does not wait for it.
 */
interface ShellNode extends AutoCloseable {
    /** How nodes are started. */
    @FunctionalInterface
    interface Start {
        /**
         * Starts a node.
         *
         * @param events called on any thread; never blocks
         */
        Result<ShellNode> start(NodeOptions options, Consumer<ShellEvent> events) throws InterruptedException;
    }

    String name();

    long incarnation();

    /** The port on which it listens. */
    int port();

    /** Calls an action with the reason when this node ends by itself. */
    void onEnd(BiConsumer<ErrorCode, String> then);

    /** One row for each name, this node's included, sorted by name. */
    List<Member> members();

    record Member(String node, Status status, long incarnation) {}

    /** What this node knows of a member. */
    enum Status {
        ALIVE,
        SUSPECT,
        DEAD,
        LEFT
    }

    /** Returns when that address is in this node's view. */
    Result<Done> connect(Address address, Duration limit) throws InterruptedException;

    Result<Done> disconnect() throws InterruptedException;

    /** How long the answer took. */
    Result<Duration> ping(String node, Duration limit) throws InterruptedException;

    Result<Health> health(Duration limit) throws InterruptedException;

    record Health(Overall status, List<String> reachable, List<String> unreachable, boolean quorum) {}

    /** How a cluster is. */
    enum Overall {
        HEALTHY,
        DEGRADED,
        ISOLATED
    }

    /** Starts a process that hands each text to the mail, and answers each call by it. */
    Spawned spawn(Mail mail);

    /** A process of this node. */
    interface Spawned {
        /** Ends it, and returns when it has ended. Afterwards nothing happens. */
        void end(boolean crash) throws InterruptedException;

        boolean ended();
    }

    /** Asking again for the same process is no error. */
    Result<Done> register(String name, Spawned process) throws InterruptedException;

    Result<Done> unregister(String name) throws InterruptedException;

    /** The node of the name's owner, if it has one. */
    Result<Optional<String>> lookup(String name) throws InterruptedException;

    /** The names known here, sorted. */
    List<String> names();

    Result<Done> send(String name, String text) throws InterruptedException;

    /** The reply. */
    Result<String> call(String name, String text, Duration limit) throws InterruptedException;

    /** From now on, an event comes once when the owner of the name ends. */
    Result<Done> monitor(String name) throws InterruptedException;

    Result<Done> join(String group, Spawned process) throws InterruptedException;

    Result<Done> leave(String group, Spawned process) throws InterruptedException;

    /** The node of each member, sorted. */
    List<String> group(String group);

    /** The number of members that were addressed. */
    Result<Integer> broadcast(String group, String text) throws InterruptedException;

    /** From now on. To serve again is no error. */
    Result<Done> serve(String procedure, Procedures.Body body);

    /** The result, as JSON. */
    Result<String> rpc(String node, String procedure, String json, Duration limit) throws InterruptedException;

    /** Events tell when it leads. To campaign again is no error. */
    Result<Done> campaign(String election) throws InterruptedException;

    Result<Done> resign(String election) throws InterruptedException;

    Result<Leadership> leader(String election) throws InterruptedException;

    /** Who leads, if anybody; the term is that of the leader. */
    record Leadership(Optional<String> leader, Optional<Term> term, boolean leading) {}

    /** A label of the view, or a number that grows where voters decide. */
    record Term(String label, OptionalLong fencing) {}

    Result<Done> put(String key, String value);

    /** What the node said of itself, as far as it is known here. */
    Result<Map<String, String>> metadata(String node);

    /** Returns when every member knows of it. Events tell what comes; to subscribe again is no error. */
    Result<Done> subscribe(String topic, Duration limit) throws InterruptedException;

    Result<Done> publish(String topic, String text) throws InterruptedException;

    /** Makes a key present on a topic, until it is untracked or this node ends; a key that is tracked already stays. */
    Result<Done> track(String topic, String key);

    Result<Done> untrack(String topic, String key);

    /** The keys that are present on a topic, on all nodes, sorted. */
    List<String> present(String topic);

    /** Counters and gauges. */
    Map<String, Number> stats();

    /** Leaves the cluster and ends; to close again does nothing. */
    @Override
    void close();
}
