package io.heliodor.playground.node;

import io.heliodor.election.Election;
import io.heliodor.membership.Health;
import io.heliodor.membership.Member;
import io.heliodor.playground.node.Result.Done;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** A single node, whose members include an unreachable one, {@code far@h}. */
final class FakeNode implements ShellNode {
    final NodeOptions options;
    final Consumer<ShellEvent> events;
    final CountDownLatch closed = new CountDownLatch(1);

    private final Map<String, Spawn> names = new TreeMap<>();
    private final Map<String, List<Spawn>> groups = new TreeMap<>();
    private final Map<String, ServedProcedures.Body> served = new TreeMap<>();
    private final Map<String, String> entries = new TreeMap<>();
    private final Map<String, Set<String>> present = new TreeMap<>();

    FakeNode(NodeOptions options, Consumer<ShellEvent> events) {
        this.options = options;
        this.events = events;
    }

    private static final class Spawn implements Spawned {
        private final UnreadTexts mail;
        private boolean ended;

        Spawn(UnreadTexts mail) {
            this.mail = mail;
        }

        @Override
        public void end(boolean crash) {
            ended = true;
        }

        @Override
        public boolean ended() {
            return ended;
        }
    }

    @Override
    public String name() {
        return options.name();
    }

    @Override
    public long incarnation() {
        return Long.MAX_VALUE;
    }

    @Override
    public int port() {
        return options.bind().port() == 0 ? 49_152 : options.bind().port();
    }

    @Override
    public void onEnd(BiConsumer<ErrorCode, String> then) {}

    @Override
    public List<Member> members() {
        return List.of(
                new Member(name(), Member.Status.ALIVE, incarnation()), new Member("far@h", Member.Status.SUSPECT, 7));
    }

    @Override
    public Result<Done> connect(Address address, Duration limit) {
        return switch (address.host()) {
            case "near" -> Result.done();
            case "foreign" -> Result.failed(ErrorCode.REFUSED, "another cookie");
            default -> Result.failed(ErrorCode.UNREACHABLE, "nobody at " + address);
        };
    }

    @Override
    public Result<Done> disconnect() {
        events.accept(new ShellEvent.Membership(ShellEvent.Change.LEFT, "far@h", 7));
        return Result.done();
    }

    @Override
    public Result<Duration> ping(String node, Duration limit) {
        if (node.equals("broken@h")) {
            throw new IllegalStateException("this node is broken");
        }
        return node.equals(name())
                ? Result.ok(Duration.ofNanos(1_234_567))
                : Result.failed(ErrorCode.UNREACHABLE, node + " is not in the view");
    }

    @Override
    public Result<Health> health(Duration limit) {
        return Result.ok(
                new Health(Health.Status.DEGRADED, List.of(name()), List.of("far@h"), false, List.of("voters 1 of 3")));
    }

    @Override
    public Spawned spawn(UnreadTexts mail) {
        return new Spawn(mail);
    }

    @Override
    public Result<Done> register(String name, Spawned process) {
        if (name.equals("taken")) {
            return Result.failed(ErrorCode.NAME_TAKEN, "far@h has it");
        }
        names.put(name, (Spawn) process);
        return Result.done();
    }

    @Override
    public Result<Done> unregister(String name) {
        return living(name)
                        .flatMap(process -> Optional.ofNullable(names.remove(name)))
                        .isPresent()
                ? Result.done()
                : noProcess(name);
    }

    @Override
    public Result<Optional<String>> lookup(String name) {
        return Result.ok(living(name).map(process -> name()));
    }

    @Override
    public List<String> names() {
        return List.copyOf(names.keySet());
    }

    @Override
    public Result<Done> send(String name, String text) {
        living(name).ifPresent(process -> process.mail.keep(text));
        return living(name).isPresent() ? Result.done() : noProcess(name);
    }

    @Override
    public Result<String> call(String name, String text, Duration limit) throws InterruptedException {
        if (name.equals("hangs")) {
            new CountDownLatch(1).await();
        }
        return living(name).map(process -> Result.ok(process.mail.answer(text))).orElseGet(() -> noProcess(name));
    }

    @Override
    public Result<Done> monitor(String name) {
        events.accept(new ShellEvent.ProcessDown(name, Optional.empty(), ShellEvent.Reason.NO_PROCESS));
        return Result.done();
    }

    @Override
    public Result<Done> join(String group, Spawned process) {
        groups.computeIfAbsent(group, name -> new ArrayList<>()).add((Spawn) process);
        return Result.done();
    }

    @Override
    public Result<Done> leave(String group, Spawned process) {
        groups.getOrDefault(group, new ArrayList<>()).remove((Spawn) process);
        return Result.done();
    }

    @Override
    public List<String> group(String group) {
        return groups.getOrDefault(group, List.of()).stream()
                .map(process -> name())
                .toList();
    }

    @Override
    public Result<Integer> broadcast(String group, String text) {
        List<Spawn> members = groups.getOrDefault(group, List.of());
        members.forEach(process -> process.mail.keep(text));
        return Result.ok(members.size());
    }

    @Override
    public Result<Done> serve(String procedure, ServedProcedures.Body body) {
        served.put(procedure, body);
        return Result.done();
    }

    @Override
    public Result<String> rpc(String node, String procedure, String json, Duration limit) {
        ServedProcedures.Body body = served.get(procedure);
        if (body == null) {
            return Result.failed(ErrorCode.NO_SUCH_PROCEDURE, procedure);
        }
        try {
            return Result.ok(body.run(json));
        } catch (Exception e) {
            return Result.failed(ErrorCode.REMOTE_FAILURE, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Result<Done> campaign(String election) {
        events.accept(new ShellEvent.Leading(election, new Election.Term("3.1", OptionalLong.of(17))));
        return Result.done();
    }

    @Override
    public Result<Done> resign(String election) {
        events.accept(new ShellEvent.Lost(election, new Election.Term("3.1", OptionalLong.empty())));
        return Result.done();
    }

    @Override
    public Result<Leadership> leader(String election) {
        return Result.ok(
                election.equals("none")
                        ? new Leadership(Optional.empty(), Optional.empty(), false)
                        : new Leadership(
                                Optional.of(name()), Optional.of(new Election.Term("3.1", OptionalLong.of(17))), true));
    }

    @Override
    public Result<Done> put(String key, String value) {
        entries.put(key, value);
        return Result.done();
    }

    @Override
    public Result<Map<String, String>> metadata(String node) {
        return node.equals(name()) ? Result.ok(entries) : Result.failed(ErrorCode.UNREACHABLE, node);
    }

    @Override
    public Result<Done> subscribe(String topic, Duration limit) {
        return Result.done();
    }

    @Override
    public Result<Done> publish(String topic, String text) {
        events.accept(new ShellEvent.Message(topic, text, name()));
        return Result.done();
    }

    @Override
    public Result<Done> track(String topic, String key) {
        present.computeIfAbsent(topic, name -> new TreeSet<>()).add(key);
        return Result.done();
    }

    @Override
    public Result<Done> untrack(String topic, String key) {
        present.getOrDefault(topic, new TreeSet<>()).remove(key);
        return Result.done();
    }

    @Override
    public List<String> present(String topic) {
        return List.copyOf(present.getOrDefault(topic, Set.of()));
    }

    @Override
    public Map<String, Number> stats() {
        return Map.of("link.sent", 3L, "link.load", 0.5);
    }

    @Override
    public void close() {
        if (closed.getCount() > 0) {
            events.accept(new ShellEvent.Membership(ShellEvent.Change.LEFT, name(), 1));
            closed.countDown();
        }
    }

    private Optional<Spawn> living(String name) {
        return Optional.ofNullable(names.get(name)).filter(process -> !process.ended);
    }

    private static <T> Result<T> noProcess(String name) {
        return Result.failed(ErrorCode.NO_PROCESS, "nobody is called " + name);
    }
}
