package io.heliodor.playground.node;

import io.heliodor.election.Election;
import io.heliodor.membership.Health;
import io.heliodor.membership.Member;
import io.heliodor.playground.node.Result.Done;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The cluster node of a shell, with a method for each command. Node names have no port. Each command runs on a virtual thread
 * of its own, one after the other. A command that exceeds its timeout is interrupted, and the next one does not wait for it.
 */
interface ShellNode extends AutoCloseable {
    /** Starts nodes. */
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

    /** Runs an action with the reason if this node ends without a command. */
    void onEnd(BiConsumer<ErrorCode, String> then);

    /** The members including this node, sorted by name. */
    List<Member> members();

    /** Connects, and returns when the address is in this node's view. */
    Result<Done> connect(Address address, Duration limit) throws InterruptedException;

    Result<Done> disconnect() throws InterruptedException;

    /** The round-trip time. */
    Result<Duration> ping(String node, Duration limit) throws InterruptedException;

    Result<Health> health(Duration limit) throws InterruptedException;

    /** Starts a process that adds each text to an inbox, and replies to calls with it. */
    Spawned spawn(UnreadTexts mail);

    /** A process of this node. */
    interface Spawned {
        /** Stops the process and waits for its end. Further calls have no effect. */
        void end(boolean crash) throws InterruptedException;

        boolean ended();
    }

    /** Registers a name; a repeated registration of the same process succeeds. */
    Result<Done> register(String name, Spawned process) throws InterruptedException;

    Result<Done> unregister(String name) throws InterruptedException;

    /** The node of the owner of a name, if there is one. */
    Result<Optional<String>> lookup(String name) throws InterruptedException;

    /** The names that this node knows, sorted. */
    List<String> names();

    Result<Done> send(String name, String text) throws InterruptedException;

    /** The reply. */
    Result<String> call(String name, String text, Duration limit) throws InterruptedException;

    /** Requests one event for the end of the owner of a name. */
    Result<Done> monitor(String name) throws InterruptedException;

    Result<Done> join(String group, Spawned process) throws InterruptedException;

    Result<Done> leave(String group, Spawned process) throws InterruptedException;

    /** The node of each member, sorted. */
    List<String> group(String group);

    /** The number of members that were addressed. */
    Result<Integer> broadcast(String group, String text) throws InterruptedException;

    /** Serves a procedure from now on; a repeated call succeeds. */
    Result<Done> serve(String procedure, ServedProcedures.Body body);

    /** The result, as JSON. */
    Result<String> rpc(String node, String procedure, String json, Duration limit) throws InterruptedException;

    /** Campaigns; events report leadership. A repeated call succeeds. */
    Result<Done> campaign(String election) throws InterruptedException;

    Result<Done> resign(String election) throws InterruptedException;

    Result<Leadership> leader(String election) throws InterruptedException;

    /** The leader and its term, if there is one. */
    record Leadership(Optional<String> leader, Optional<Election.Term> term, boolean leading) {}

    Result<Done> put(String key, String value);

    /** The metadata of a node, as far as this node has it. */
    Result<Map<String, String>> metadata(String node);

    /** Subscribes, and returns when every member knows it. Events report messages; a repeated call succeeds. */
    Result<Done> subscribe(String topic, Duration limit) throws InterruptedException;

    Result<Done> publish(String topic, String text) throws InterruptedException;

    /** Tracks a key on a topic until it is untracked or this node ends; a tracked key stays as it is. */
    Result<Done> track(String topic, String key);

    Result<Done> untrack(String topic, String key);

    /** The keys that are present on a topic, on all nodes, sorted. */
    List<String> present(String topic);

    /** Counters and gauges. */
    Map<String, Number> stats();

    /** Leaves the cluster and stops the node; further calls have no effect. */
    @Override
    void close();
}
