package io.heliodor.playground.node;

import io.heliodor.codec.TooLarge;
import io.heliodor.membership.ClusterException;
import io.heliodor.membership.Health;
import io.heliodor.membership.Member;
import io.heliodor.membership.MembershipEvent;
import io.heliodor.node.ConnectOutcome;
import io.heliodor.node.Node;
import io.heliodor.node.Statistic;
import io.heliodor.playground.node.Result.Done;
import io.heliodor.playground.node.ShellProcess.Letter;
import io.heliodor.process.CallOutcome;
import io.heliodor.process.Down;
import io.heliodor.process.Exit;
import io.heliodor.process.Name;
import io.heliodor.process.Pid;
import io.heliodor.process.Registry.Registered;
import io.heliodor.process.Registry.Unregistered;
import io.heliodor.pubsub.Subscription;
import io.heliodor.pubsub.Topic;
import io.heliodor.rpc.Procedure;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** The node of a shell, on the public API of the cluster. */
final class ClusterNode implements ShellNode {
    private static final Duration MONITOR_KNOWN = Duration.ofSeconds(2);

    private final Node node;
    private final Consumer<ShellEvent> events;
    private final ShellElections elections;
    private final ShellPresence presence;
    private final Map<String, Subscription> subscriptions = new ConcurrentHashMap<>();
    private final Map<String, Boolean> served = new ConcurrentHashMap<>();

    private ClusterNode(Node node, Consumer<ShellEvent> events) {
        this.node = node;
        this.events = events;
        this.elections = new ShellElections(node, events);
        this.presence = new ShellPresence(node);
    }

    /** A published message. */
    record Published(String text, String from) {}

    /** Starts a node with its shell. */
    static Result<ShellNode> start(NodeOptions options, Consumer<ShellEvent> events) {
        return switch (StartedNode.of(options)) {
            case Result.Failed<Node>(ErrorCode code, String message) -> Result.failed(code, message);
            case Result.Ok<Node>(Node node) -> of(node, events);
        };
    }

    /** The shell of a node, which may have closed itself since its start. */
    private static Result<ShellNode> of(Node node, Consumer<ShellEvent> events) {
        try {
            ClusterNode started = new ClusterNode(node, events);
            started.listen();
            return Result.ok(started);
        } catch (IllegalStateException e) {
            return EndedNode.closed(node)
                    .<Result<ShellNode>>map(ended -> Result.failed(ended.code(), ended.message()))
                    .orElseThrow(() -> e);
        }
    }

    @Override
    public void onEnd(BiConsumer<ErrorCode, String> then) {
        var _ = node.ended()
                .thenAccept(
                        how -> EndedNode.reason(how).ifPresent(ended -> then.accept(ended.code(), ended.message())));
    }

    private void listen() {
        node.membership().subscribe(event -> events.accept(event(event)));
        node.registry()
                .onConflict(conflict -> events.accept(new ShellEvent.Conflict(
                        conflict.name(), conflict.winner().orElse(""), conflict.loser())));
    }

    private static ShellEvent event(MembershipEvent event) {
        return switch (event) {
            case MembershipEvent.Joined(var member) -> event(ShellEvent.Change.UP, member);
            case MembershipEvent.Changed(var member, var before) ->
                event(
                        member.status() == Member.Status.SUSPECT ? ShellEvent.Change.SUSPECT : ShellEvent.Change.ALIVE,
                        member);
            case MembershipEvent.Left(var member) ->
                event(member.status() == Member.Status.LEFT ? ShellEvent.Change.LEFT : ShellEvent.Change.DOWN, member);
            case MembershipEvent.Merged(var nodes) -> new ShellEvent.Merged(nodes);
        };
    }

    private static ShellEvent event(ShellEvent.Change change, Member member) {
        return new ShellEvent.Membership(change, member.node(), member.incarnation());
    }

    @Override
    public String name() {
        return node.name();
    }

    @Override
    public long incarnation() {
        return node.incarnation();
    }

    @Override
    public int port() {
        return node.port();
    }

    @Override
    public List<Member> members() {
        return node.membership().members();
    }

    @Override
    public Result<Done> connect(Address address, Duration limit) {
        return switch (node.connect(address.toString())) {
            case ConnectOutcome.Connected() -> Result.done();
            case ConnectOutcome.Refused(var why) -> Result.failed(ErrorCode.REFUSED, why);
            case ConnectOutcome.Unreachable(var why) -> Result.failed(ErrorCode.UNREACHABLE, why);
            case ConnectOutcome.TimedOut() ->
                Result.failed(ErrorCode.TIMEOUT, address + " is not a member of this node's view after 10 s");
            case ConnectOutcome.NameTaken() ->
                Result.failed(ErrorCode.NAME_TAKEN, "a living node there has the name " + node.name());
        };
    }

    @Override
    public Result<Done> disconnect() {
        node.disconnect();
        return Result.done();
    }

    @Override
    public Result<Duration> ping(String other, Duration limit) {
        if (!other.equals(node.name()) && !node.membership().peers().contains(other)) {
            return Result.failed(ErrorCode.UNREACHABLE, other + " is not a member of this node's view");
        }
        return node.ping(other, limit)
                .map(Result::ok)
                .orElseGet(() -> Result.failed(ErrorCode.TIMEOUT, other + " did not answer"));
    }

    @Override
    public Result<Health> health(Duration limit) {
        return Result.ok(node.health(limit));
    }

    @Override
    public Spawned spawn(UnreadTexts mail) {
        return new ShellProcess(node, mail);
    }

    private static Pid<Letter> pid(Spawned process) {
        return ((ShellProcess) process).pid();
    }

    private static Optional<Name<Letter>> named(String name) {
        return Name.isName(name) ? Optional.of(Name.of(name, Letter.class)) : Optional.empty();
    }

    /** Runs an action with a name, or fails if it is not one. */
    private static <T> Result<T> withName(String name, Function<Name<Letter>, Result<T>> action) {
        return named(name)
                .map(action)
                .orElseGet(() -> Result.failed(
                        ErrorCode.BAD_NAME,
                        "a name has 1 to 255 letters, digits, dots, underscores, hyphens, colons or slashes, not "
                                + name));
    }

    /** Runs an action with the owner of a name, or fails if no process has the name. */
    private <T> Result<T> withOwner(String name, Function<Pid<Letter>, Result<T>> action) {
        return guarded(() -> owner(name).map(action).orElseGet(() -> noProcess(name)));
    }

    /** Runs an action, which fails if too few voters can be reached or a message is too large. */
    private static <T> Result<T> guarded(Supplier<Result<T>> action) {
        try {
            return action.get();
        } catch (ClusterException e) {
            return Result.failed(ErrorCode.NO_QUORUM, String.valueOf(e.getMessage()));
        } catch (TooLarge e) {
            return Result.failed(ErrorCode.TOO_LARGE, String.valueOf(e.getMessage()));
        }
    }

    private static <T> Result<T> noProcess(String name) {
        return Result.failed(ErrorCode.NO_PROCESS, "no process has the name " + name);
    }

    @Override
    public Result<Done> register(String name, Spawned process) {
        return withName(name, named -> switch (node.registry().register(named, pid(process))) {
            case Registered.Ok() -> Result.done();
            case Registered.Taken(var owner) -> Result.failed(ErrorCode.NAME_TAKEN, owner + " has the name " + name);
            case Registered.NoProcess() -> Result.failed(ErrorCode.NO_PROCESS, "the process has ended");
            case Registered.Full() -> Result.failed(ErrorCode.LIMIT, "there are as many names as there may be");
            case Registered.NoQuorum() -> Result.failed(ErrorCode.NO_QUORUM, "too few voters can be reached");
            case Registered.Unknown() -> Result.failed(ErrorCode.UNKNOWN, "there was no answer in time");
        });
    }

    @Override
    public Result<Done> unregister(String name) {
        return withName(name, named -> switch (node.registry().unregister(named)) {
            case Unregistered.Ok() -> Result.done();
            case Unregistered.NotOwner(var owner) ->
                Result.failed(ErrorCode.NOT_OWNER, owner + " has the name " + name);
            case Unregistered.NoProcess() -> noProcess(name);
            case Unregistered.NoQuorum() -> Result.failed(ErrorCode.NO_QUORUM, "too few voters can be reached");
            case Unregistered.Unknown() -> Result.failed(ErrorCode.UNKNOWN, "there was no answer in time");
        });
    }

    private Optional<Pid<Letter>> owner(String name) {
        return named(name).flatMap(node.registry()::lookup);
    }

    @Override
    public Result<Optional<String>> lookup(String name) {
        return guarded(() -> Result.ok(owner(name).map(Pid::node)));
    }

    @Override
    public List<String> names() {
        return node.registry().names();
    }

    @Override
    public Result<Done> send(String name, String text) {
        return withOwner(name, owner -> {
            owner.send(new Letter.Text(text));
            return Result.done();
        });
    }

    @Override
    public Result<String> call(String name, String text, Duration limit) {
        return withOwner(name, owner -> result(owner.<String>call(reply -> new Letter.Question(text, reply), limit)));
    }

    private static <T> Result<T> result(CallOutcome<T> outcome) {
        return switch (outcome) {
            case CallOutcome.Ok<T>(T value) -> Result.ok(value);
            case CallOutcome.TimedOut<T>(Duration after) ->
                Result.failed(ErrorCode.TIMEOUT, "no answer in " + after.toMillis() + " ms");
            case CallOutcome.Unreachable<T>(String where) ->
                Result.failed(ErrorCode.UNREACHABLE, where + " is not a member of this node's view");
            case CallOutcome.TargetDown<T>(Exit exit) -> Result.failed(ErrorCode.TARGET_DOWN, "down: " + exit);
            case CallOutcome.NoSuchProcedure<T>(String where, String procedure) ->
                Result.failed(ErrorCode.NO_SUCH_PROCEDURE, where + " does not serve " + procedure);
            case CallOutcome.Failed<T>(String type, String message) -> Result.failed(ErrorCode.REMOTE_FAILURE, message);
        };
    }

    @Override
    public Result<Done> monitor(String name) {
        return guarded(() -> {
            owner(name)
                    .ifPresentOrElse(
                            owner -> monitor(name, owner),
                            () -> events.accept(
                                    new ShellEvent.ProcessDown(name, Optional.empty(), ShellEvent.Reason.NO_PROCESS)));
            return Result.done();
        });
    }

    private void monitor(String name, Pid<Letter> owner) {
        node.monitor(owner, down -> events.accept(down(name, down)));
        // The reader of the reply may stop the process immediately; its node must know the monitor by then.
        var _ = node.ping(owner.node(), MONITOR_KNOWN);
    }

    private static ShellEvent down(String name, Down down) {
        ShellEvent.Reason reason = switch (down.exit()) {
            case Exit.Normal() -> ShellEvent.Reason.NORMAL;
            case Exit.Failed(var message) -> ShellEvent.Reason.FAILED;
            case Exit.NoProcess() -> ShellEvent.Reason.NO_PROCESS;
            case Exit.NoConnection(var where) -> ShellEvent.Reason.NO_CONNECTION;
        };
        return new ShellEvent.ProcessDown(name, Optional.of(down.pid().node()), reason);
    }

    @Override
    public Result<Done> join(String group, Spawned process) {
        return withName(group, name -> {
            node.group(name).join(pid(process));
            return Result.done();
        });
    }

    @Override
    public Result<Done> leave(String group, Spawned process) {
        return withName(group, name -> {
            node.group(name).leave(pid(process));
            return Result.done();
        });
    }

    @Override
    public List<String> group(String group) {
        return named(group)
                .map(name -> node.group(name).members().stream()
                        .map(Pid::node)
                        .sorted()
                        .toList())
                .orElse(List.of());
    }

    @Override
    public Result<Integer> broadcast(String group, String text) {
        return withName(group, name -> guarded(() -> Result.ok(node.group(name).broadcast(new Letter.Text(text)))));
    }

    private static Procedure<String, String> procedure(String name) {
        return Procedure.of(name, String.class, String.class);
    }

    @Override
    public Result<Done> serve(String procedure, ServedProcedures.Body body) {
        if (served.putIfAbsent(procedure, true) == null) {
            node.rpc().serve(procedure(procedure), body::run);
        }
        return Result.done();
    }

    @Override
    public Result<String> rpc(String other, String procedure, String json, Duration limit) {
        if (!Name.isName(procedure)) {
            return Result.failed(ErrorCode.NO_SUCH_PROCEDURE, "there is no procedure " + procedure);
        }
        return guarded(() -> result(node.rpc().call(other, procedure(procedure), json, limit)));
    }

    @Override
    public Result<Done> campaign(String election) {
        return elections.campaign(election);
    }

    @Override
    public Result<Done> resign(String election) {
        return elections.resign(election);
    }

    @Override
    public Result<Leadership> leader(String name) {
        return elections.leader(name);
    }

    @Override
    public Result<Done> put(String key, String value) {
        try {
            node.metadata().put(key, value);
            return Result.done();
        } catch (IllegalArgumentException e) {
            return Result.failed(ErrorCode.TOO_LARGE, String.valueOf(e.getMessage()));
        } catch (IllegalStateException e) {
            return Result.failed(ErrorCode.LIMIT, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Result<Map<String, String>> metadata(String other) {
        if (!other.equals(node.name()) && !node.membership().peers().contains(other)) {
            return Result.failed(ErrorCode.UNREACHABLE, other + " is not a member of this node's view");
        }
        return Result.ok(node.metadata().entries(other));
    }

    private static Topic<Published> topic(String name) {
        return Topic.of(name, Published.class);
    }

    @Override
    public Result<Done> subscribe(String topic, Duration limit) throws InterruptedException {
        try {
            Subscription subscription = subscriptions.computeIfAbsent(
                    topic,
                    name -> node.pubsub()
                            .subscribe(
                                    topic(name),
                                    message -> events.accept(
                                            new ShellEvent.Message(name, message.text(), message.from()))));
            subscription.ready().get(limit.toNanos(), TimeUnit.NANOSECONDS);
            return Result.done();
        } catch (IllegalArgumentException e) {
            return Result.failed(ErrorCode.BAD_NAME, String.valueOf(e.getMessage()));
        } catch (TimeoutException | ExecutionException e) {
            return Result.failed(ErrorCode.TIMEOUT, "not every member has confirmed");
        }
    }

    @Override
    public Result<Done> publish(String topic, String text) {
        try {
            node.pubsub().broadcast(topic(topic), new Published(text, node.name()));
            return Result.done();
        } catch (TooLarge e) {
            return Result.failed(ErrorCode.TOO_LARGE, String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) {
            return Result.failed(ErrorCode.BAD_NAME, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Result<Done> track(String topic, String key) {
        return presence.track(topic, key);
    }

    @Override
    public Result<Done> untrack(String topic, String key) {
        return presence.untrack(topic, key);
    }

    @Override
    public List<String> present(String topic) {
        return presence.present(topic);
    }

    @Override
    public Map<String, Number> stats() {
        Map<String, Number> stats = new TreeMap<>();
        for (Statistic each : Statistic.values()) {
            stats.put(each.name().toLowerCase(Locale.ROOT), node.statistic(each));
        }
        return stats;
    }

    @Override
    public void close() {
        node.close();
    }
}
