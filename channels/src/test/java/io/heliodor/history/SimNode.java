package io.heliodor.history;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One life of a node, with a log once it has a member. */
final class SimNode implements CatchUpSchedule.Effects<String> {
    private static final CatchUpFormat<String> FORMAT = new CatchUpFormat<>(
            text -> text.getBytes(StandardCharsets.UTF_8),
            bytes -> Optional.of(new String(bytes, StandardCharsets.UTF_8)));

    private static final int MAX_SESSION = 30;
    private static final long REPAIR = 10 * HistorySimulation.SECOND;

    private interface Packet {
        void arrive(SimNode at);
    }

    private static final class Session {
        private final ArrayDeque<Packet> packets = new ArrayDeque<>();
        private boolean open = true;

        /** Whether its packets are at a node that is paused and that its sender excluded: they are the first that it gets. */
        private boolean left;

        private long last;
    }

    final String host;
    final String owner;
    private final HistorySimulation simulation;
    private final LogLimits bounds;

    /** The numbers of the kept messages that this node delivered: the true past of those that it publishes. */
    private final BitSet delivered = new BitSet();

    /** The counters up to which messages of each stream were delivered or passed, also of those that were retired. */
    private VersionVector passed = VersionVector.NONE;

    /** The ends of the gaps that were passed. */
    private final Set<Dot> abandoned = new HashSet<>();

    /** Messages that were delivered without all that precedes them. */
    final Set<String> withoutPast = new HashSet<>();

    final Map<String, SimClient> members = new LinkedHashMap<>();
    private final List<SimClient> waiting = new ArrayList<>();
    private final Map<String, Session> sessions = new HashMap<>();

    /** The nodes of the view that want the topic, as far as is known here. */
    private final Set<String> wanting = new LinkedHashSet<>();

    private Set<String> view = Set.of();
    private int viewId;
    private final Set<String> acknowledged = new HashSet<>();
    private long wantedAt;
    boolean alive = true;
    long frozenUntil;

    /** Whether it was paused for so long that it is in the views of the others no more. */
    boolean excluded;

    int side;

    @Nullable
    TopicLog<String> log;

    @Nullable
    CatchUpSchedule<String> replication;

    private boolean wants;

    private boolean began;
    private int index;
    private int turn;
    private long repairAt = REPAIR;
    private long sweepAt;

    SimNode(HistorySimulation simulation, String host, int incarnation, LogLimits bounds) {
        this.simulation = simulation;
        this.host = host;
        this.owner = host + "/" + incarnation;
        this.bounds = bounds;
    }

    boolean frozen() {
        return simulation.now() < frozenUntil;
    }

    void freeze(long nanos) {
        frozenUntil = Math.max(frozenUntil, simulation.now() + nanos);
    }

    // The network.

    private Session session(String to) {
        return sessions.computeIfAbsent(to, _ -> new Session());
    }

    void endSession(SimNode other) {
        Session session = sessions.remove(other.owner);
        if (session != null) {
            session.open = false;
            simulation.after(simulation.upTo(50 * HistorySimulation.MILLI), () -> {
                if (alive && view.contains(other.owner)) {
                    reached(other.owner);
                }
            });
        }
    }

    private void reached(String node) {
        if (wants) {
            sendWant(node);
        }
        send(node, other -> {
            if (other.wants) {
                other.sendWant(owner);
            }
        });
        if (replication != null) {
            replication.differs(node);
        }
    }

    private boolean send(String to, Packet packet) {
        Session session = session(to);
        if (session.packets.size() >= MAX_SESSION) {
            simulation.saw("full");
            return false;
        }
        session.packets.add(packet);
        long delay = simulation.chance(0.05)
                ? simulation.upTo(300 * HistorySimulation.MILLI)
                : simulation.upTo(3 * HistorySimulation.MILLI);
        session.last = Math.max(session.last, simulation.now() + delay);
        simulation.after(session.last - simulation.now(), () -> arrive(to, session));
        return true;
    }

    private void arrive(String to, Session session) {
        Optional<SimNode> node = simulation.node(to).filter(each -> each.alive);
        if (!session.open || node.isEmpty() || !alive) {
            return;
        }
        if (node.get().frozen() || node.get().side != side || (!session.left && (node.get().excluded || excluded))) {
            simulation.after(10 * HistorySimulation.MILLI, () -> arrive(to, session));
            return;
        }
        Packet packet = session.packets.poll();
        if (packet != null) {
            packet.arrive(node.get());
            node.get().checkInvariants();
        }
    }

    void view(int id, List<SimNode> nodes) {
        if (!alive || id <= viewId || excluded) {
            return;
        }
        if (frozen()) {
            simulation.after(frozenUntil - simulation.now(), () -> view(id, nodes));
            return;
        }
        viewId = id;
        Set<String> before = view;
        view = nodes.stream().map(each -> each.owner).collect(Collectors.toCollection(LinkedHashSet::new));
        simulation.note(() -> this + " sees " + view);
        wanting.retainAll(view);
        for (String gone : before) {
            if (!view.contains(gone)) {
                Session session = sessions.remove(gone);
                if (session != null) {
                    session.left =
                            simulation.node(gone).filter(each -> each.excluded).isPresent();
                    session.open = session.left;
                }
            }
        }
        for (String node : view) {
            if (!before.contains(node) && !node.equals(owner)) {
                reached(node);
            }
        }
        changed();
    }

    private void sendWant(String node) {
        send(node, other -> {
            // An entry of the other node's set: it lasts while both are in a view.
            if (other.view.contains(owner)) {
                other.wanting.add(owner);
                other.changed();
                other.send(owner, here -> here.acknowledged.add(other.owner));
            } else {
                simulation.after(20 * HistorySimulation.MILLI, () -> {
                    if (alive && view.contains(node)) {
                        sendWant(node);
                    }
                });
            }
        });
    }

    private void changed() {
        if (replication != null) {
            replication.others(wanting, simulation.now());
        }
        if (log != null) {
            log.owners(view::contains, simulation.now());
        }
    }

    // The log.

    void join(SimClient client) {
        waiting.add(client);
        if (!wants) {
            wants = true;
            wantedAt = simulation.now();
            LongSupplier ids = simulation.fault == HistorySimulation.Fault.STREAM_REUSED
                    ? host::hashCode
                    : () -> simulation.random.nextLong() >>> 16;
            log = new TopicLog<>(ids, new LogLocation(owner, 0), bounds, new LogListener<>() {
                @Override
                public int bytes(HistoryMessage<String> message) {
                    return message.content().length();
                }

                @Override
                public int bytes(LogEntry<String> entry) {
                    return entry.content().length();
                }

                @Override
                public void grew(long bytes) {}

                @Override
                public void waitingGrew(long bytes) {}

                @Override
                public void kept(LogEntry<String> entry) {}

                @Override
                public void dropped(String content) {}

                @Override
                public void tokenTooLong() {
                    simulation.saw("token too long");
                }

                @Override
                public void streamForgotten() {
                    simulation.saw("stream forgotten");
                }

                @Override
                public void evicted() {
                    simulation.saw("evicted");
                }

                @Override
                public void givenUp(Dot last, Dot after) {
                    simulation.check(!simulation.keepsAll(), () -> owner + " misses " + last + ", but all is kept");
                    abandoned.add(last);
                }

                @Override
                public void lost(Dot dot) {
                    simulation.saw("lost with its log");
                    abandoned.add(dot);
                    simulation.check(!simulation.keepsAll(), () -> owner + " loses " + dot + ", but all is kept");
                }
            });
            replication = new CatchUpSchedule<>(log, this, simulation.now());
            view.stream().filter(each -> !each.equals(owner)).forEach(this::sendWant);
        }
        seat();
    }

    /** Those who wait join when the log has begun. */
    private void seat() {
        boolean ready = began || simulation.fault == HistorySimulation.Fault.JOIN_BEFORE_CAUGHT_UP;
        if (ready && alive && !frozen()) {
            for (SimClient client : List.copyOf(waiting)) {
                if (client.mayJoin(this)) {
                    waiting.remove(client);
                    client.seated(this);
                }
            }
        }
    }

    @Override
    public void begun() {
        began = true;
        simulation.note(() -> this + " has begun at " + log().position());
        seat();
    }

    @Override
    public void missed(Gap gap, ResumeToken token) {
        simulation.note(() -> this + " notifies " + members.keySet() + " of a gap");
        simulation.saw("notified of a gap");
        members.values().forEach(member -> member.missed(gap, token));
    }

    void checkInvariants() {
        if (alive && log != null) {
            log.checkInvariants();
        }
    }

    TopicLog<String> log() {
        if (log == null) {
            throw new AssertionError("no log");
        }
        return log;
    }

    /** The counters up to which messages were delivered or passed. */
    VersionVector passed() {
        passed = passed.max(log().position());
        return passed;
    }

    /** The counters of this log. One that missed the message which retired a stream may name the stream until its messages expire. */
    Map<Long, Long> positions() {
        Map<Long, Long> all = new TreeMap<>();
        VersionVector position = log().position();
        for (int i = 0; i < position.size(); i++) {
            if (position.counter(i) > 0 && !simulation.retired.contains(position.stream(i))) {
                all.put(position.stream(i), position.counter(i));
            }
        }
        return all;
    }

    void tick() {
        if (!alive || frozen()) {
            return;
        }
        CatchUpSchedule<String> present = replication;
        if (present == null) {
            return;
        }
        boolean known = acknowledged.containsAll(
                view.stream().filter(each -> !each.equals(owner)).toList());
        if (!begins && (known || simulation.now() - wantedAt >= HistorySimulation.SECOND)) {
            begins = true;
            present.others(wanting, simulation.now());
            present.begin(simulation.now());
        } else if (begins) {
            sweep();
            repair(present);
            present.tick(simulation.now());
            checkInvariants();
        }
        seat();
    }

    private boolean begins;

    private void sweep() {
        if (simulation.now() >= sweepAt) {
            sweepAt = simulation.now() + HistorySimulation.SECOND;
            log().owners(view::contains, simulation.now());
        }
    }

    /** With one node after the other. */
    private void repair(CatchUpSchedule<String> present) {
        List<String> others =
                wanting.stream().filter(each -> !each.equals(owner)).sorted().toList();
        if (simulation.now() >= repairAt && !others.isEmpty()) {
            repairAt = simulation.now() + REPAIR;
            present.differs(others.get(turn++ % others.size()));
        }
    }

    void publish(boolean keeps) {
        if (!alive || frozen() || !began || log == null) {
            return;
        }
        index++;
        String name = owner + "#" + index + (keeps ? "" : "u");
        BitSet before = (BitSet) delivered.clone();
        HistoryMessage<String> message;
        if (keeps) {
            Delivery<String> delivery = log.publish(name, simulation.now());
            message = delivery.kept().orElseThrow().message(simulation.now());
            if (simulation.fault == HistorySimulation.Fault.PREDECESSORS_IGNORED) {
                message = new HistoryMessage<>(new CausalStamp(message.dot(), true, List.of()), name, 0);
            }
            add(name, message, before);
            deliver(List.of(delivery));
        } else {
            message = new HistoryMessage<>(log.unkeptStamp(), name, 0);
            if (simulation.fault == HistorySimulation.Fault.PREDECESSORS_IGNORED) {
                message = new HistoryMessage<>(new CausalStamp(message.dot(), false, List.of()), name, 0);
            }
            add(name, message, before);
            deliver(List.of(new Delivery<>(message.stamp(), name, Optional.empty(), log.position(), Gap.NONE)));
        }
        byte[] stamp = new BinaryWriter(64)
                .object(message.stamp(), CausalStampFormat::write)
                .toBytes();
        HistoryMessage<String> sent = simulation.encodes
                ? new HistoryMessage<>(
                        BinaryReader.decode(stamp, CausalStampFormat::read).orElseThrow(), name, 0)
                : message;
        for (String node : wanting) {
            if (simulation.chance(simulation.lossy())) {
                simulation.saw("lost");
            } else {
                send(node, other -> other.received(sent));
            }
        }
    }

    private void add(String name, HistoryMessage<String> message, BitSet before) {
        simulation.note(
                () -> this + " publishes " + name + " as " + message.dot().counter());
        simulation.publish(new HistorySimulation.Published(
                simulation.published.size(),
                name,
                message.dot(),
                message.kept(),
                owner,
                index,
                before,
                simulation.now()));
    }

    private void received(HistoryMessage<String> message) {
        if (replication != null) {
            replication.received(message, simulation.now());
        }
    }

    @Override
    public void request(String node, long round) {
        request(node, round, Optional.empty());
    }

    private void request(String node, long round, Optional<Dot> after) {
        CatchUpRequest request = log().request(after);
        if (simulation.fault == HistorySimulation.Fault.REPAIR_SKIPPED && began && !log().lacksMessages()) {
            simulation.after(0, () -> over(node, round, false));
            return;
        }
        CatchUpRequest asked = simulation.encodes
                ? CatchUpFormat.request(CatchUpFormat.request(request)).orElseThrow()
                : request;
        boolean sent = send(node, other -> {
            if (other.log == null) {
                other.send(owner, here -> here.over(node, round, true));
                return;
            }
            CatchUpResponse<String> answer = other.log.respond(asked, 200, simulation.now());
            CatchUpResponse<String> given = simulation.fault == HistorySimulation.Fault.GAP_PASSED
                    ? new CatchUpResponse<>(
                            answer.streams().stream()
                                    .map(each -> new CatchUpResponse.Stream(
                                            each.id(), each.counter(), each.counter(), each.owner()))
                                    .toList(),
                            answer.own(),
                            List.of(),
                            false,
                            answer.retired())
                    : answer;
            VersionVector retired =
                    other.passed().where((id, _) -> !other.log().position().has(id));
            CatchUpResponse<String> read =
                    simulation.encodes ? FORMAT.response(FORMAT.response(given)).orElseThrow() : given;
            other.send(owner, here -> {
                if (here.replication != null) {
                    // A log that began alone has never had a stream that was retired elsewhere before.
                    here.passed = here.passed.max(
                            here.began ? retired.where((id, _) -> here.passed().get(id) == 0) : retired);
                    here.replication.received(node, round, read, simulation.now());
                    if (read.more()) {
                        here.request(
                                node,
                                round,
                                Optional.of(read.messages().getLast().dot()));
                    } else {
                        here.over(node, round, true);
                    }
                }
            });
        });
        if (!sent) {
            simulation.after(0, () -> over(node, round, false));
        }
        simulation.pauseInRound(this);
    }

    private void over(String node, long round, boolean responded) {
        if (alive && replication != null) {
            replication.over(node, round, responded, simulation.now());
        }
    }

    @Override
    public void deliver(List<Delivery<String>> deliveries) {
        for (Delivery<String> each : deliveries) {
            passed = passed.max(each.position());
            each.stamp().retired().forEach(last -> {
                simulation.saw("retired");
                simulation.retired.add(last.stream());
                if (passed.get(last.stream()) < last.counter()) {
                    passed = passed.with(last.stream(), last.counter());
                }
            });
            HistorySimulation.Published message = simulation.named(each.content());
            List<HistorySimulation.Published> missing = missing(message.before(), delivered).stream()
                    .filter(of -> !isPast(of))
                    .toList();
            boolean givenUp = !missing.isEmpty();
            simulation.note(
                    () -> this + " delivers " + each.content() + (each.gap().isEmpty() ? "" : " after a gap")
                            + (givenUp ? " without its past" : "") + " to "
                            + members.keySet()
                            + (each.stamp().retired().isEmpty()
                                    ? ""
                                    : ", retires " + each.stamp().retired()));
            if (message.kept()) {
                delivered.set(message.number());
            }
            if (!each.gap().isEmpty()) {
                simulation.saw("gap");
            }
            boolean waited = !message.kept() && simulation.now() - message.at() >= HeldMessages.UNKEPT_TIMEOUT;
            missing.forEach(of -> simulation.check(
                    waited || isAbandoned(of) || simulation.mayForget(of),
                    () -> this + " delivers " + each.content() + " without " + of.name()));
            if (givenUp) {
                simulation.saw("given up");
                withoutPast.add(each.content());
            }
            List.copyOf(members.values()).forEach(member -> member.received(each, givenUp));
        }
    }

    /** Those of some messages that are not among others. */
    List<HistorySimulation.Published> missing(BitSet all, BitSet has) {
        BitSet missing = (BitSet) all.clone();
        missing.andNot(has);
        return missing.stream().mapToObj(simulation.published::get).toList();
    }

    private boolean isPast(HistorySimulation.Published message) {
        return passed.get(message.dot().stream()) >= message.dot().counter();
    }

    /** Whether it is in a gap, or precedes what is. */
    private boolean isAbandoned(HistorySimulation.Published message) {
        Dot dot = message.dot();
        return abandoned.stream()
                .anyMatch(each -> (each.stream() == dot.stream() && each.counter() >= dot.counter())
                        || simulation
                                .named(each)
                                .filter(of -> of.before().get(message.number()))
                                .isPresent());
    }

    /** Ends the connection of a client. */
    void disconnect(SimClient client, String name) {
        members.remove(name, client);
        waiting.remove(client);
    }

    void crash() {
        alive = false;
        members.values().forEach(SimClient::lost);
        waiting.forEach(SimClient::lost);
        members.clear();
        waiting.clear();
        sessions.values().forEach(session -> session.open = false);
    }

    @Override
    public String toString() {
        return owner;
    }
}
