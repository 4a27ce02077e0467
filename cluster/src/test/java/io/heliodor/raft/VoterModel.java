package io.heliodor.raft;

import io.heliodor.link.Peer;
import io.heliodor.raft.ModelNode.Input;
import io.heliodor.raft.ModelNode.Sent;
import io.heliodor.raft.ModelNode.State;
import io.heliodor.raft.ModelNode.Step;
import io.heliodor.raft.Storage.Condition;
import io.heliodor.raft.Storage.Content;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * All schedules of three voters within bounds, breadth first: elections, messages that are lost or repeated, crashes, lost and
 * incomplete directories, splits. Each node is a real {@link Raft}. A cluster state consists of the states of the nodes, of
 * the messages under way and of what was decided so far; each is visited once.
 */
@SuppressWarnings("EnumOrdinal") // a cluster state and an event are numbers, never stored
final class VoterModel {
    /**
     * How often each kind of event may happen in one schedule.
     *
     * @param terms the last term in which a node begins an election
     * @param log the length of a log from which on no election and no command makes it longer
     * @param timeouts waits that end at one node
     * @param heartbeats of a leader in addition to its messages with entries
     * @param commands proposals
     * @param crashes of one node
     * @param losses of a directory in a crash: it is empty, or an older one that is refused
     * @param breaks sessions that lose all messages under way
     * @param repeats messages that arrive twice
     * @param splits one node is cut off, until the split ends
     * @param delays messages and views that others overtake, in an order of all of them (delay-bounded scheduling); {@link #ANY}
     *     for each order
     */
    record Bounds(
            int terms,
            int log,
            int timeouts,
            int heartbeats,
            int commands,
            int crashes,
            int losses,
            int breaks,
            int repeats,
            int splits,
            int delays) {
        /** No limit of delays. */
        static final int ANY = 15;

        private int[] budgets() {
            return new int[] {timeouts, heartbeats, commands, crashes, losses, breaks, repeats, splits};
        }
    }

    /** The number of observations of each kind, which show that the rules were reached. */
    final Map<String, Long> seen = new TreeMap<>();

    private enum Budget {
        TIMEOUTS,
        HEARTBEATS,
        COMMANDS,
        CRASHES,
        LOSSES,
        BREAKS,
        REPEATS,
        SPLITS
    }

    private enum Kind {
        TIMEOUT,
        HEARTBEAT,
        COMMAND,
        INSTALL,
        DELIVER,
        REPEAT,
        BREAK,
        CRASH,
        RESTART,
        LOSE,
        REFUSE,
        SPLIT,
        UNITE
    }

    private static final List<Kind> WHILE_UP = List.of(Kind.TIMEOUT, Kind.HEARTBEAT, Kind.COMMAND, Kind.CRASH);

    private static final List<Kind> WHILE_DOWN = List.of(Kind.RESTART, Kind.LOSE, Kind.REFUSE);

    /**
     * The decisions of the history.
     *
     * @param committed the entries that a node has committed
     * @param terms the term of the node that committed each of them first
     * @param leaders the leader of each term
     */
    private record Past(List<Integer> committed, List<Long> terms, Map<Long, Peer> leaders) {}

    private static final int NODES = 3;
    private static final int LEFT = NODES;
    private static final int DELAYS = NODES + 1;
    private static final int PAST = NODES + 2;
    private static final int SIDE = NODES + 3;
    private static final int QUEUES = NODES + 4;

    private final Bounds bounds;
    private final long maxStates;
    private final ModelNode nodes = new ModelNode();
    private final List<Past> pasts = new ArrayList<>();
    private final Map<Past, Integer> pastNumbers = new HashMap<>();
    private final StateSet visited = new StateSet();

    /** By state: the state before, and the event. */
    private int[] before = new int[1 << 16];

    private int[] events = new int[1 << 16];
    private int count;
    private List<int[]> nextLevel = new ArrayList<>();
    private List<Integer> nextNumbers = new ArrayList<>();
    private int current;
    private int[] start = new int[0];
    private int levels;
    private boolean complete;

    VoterModel(Bounds bounds, long maxStates) {
        this.bounds = bounds;
        this.maxStates = maxStates;
    }

    /** The states that were visited. */
    int states() {
        return count;
    }

    /** Whether all states within the bounds were visited. */
    boolean isComplete() {
        return complete;
    }

    @Override
    public String toString() {
        return count + " states of the cluster, " + nodes.size() + " of a node, " + nodes.messages() + " messages, "
                + levels + " events deep, " + (complete ? "complete" : "not complete") + "; " + seen;
    }

    // A cluster state is an array: the state of each node (a negative number if it is down), what is left of each
    // budget, the
    // number of its past, the node that is cut off, and each queue with its length.

    private static final class Cluster {
        final int[] node = new int[NODES];
        final int[] left = new int[Budget.values().length];
        int delays;
        int past;
        int side;
        final int[][] queue = new int[NODES * NODES][];

        Cluster() {
            Arrays.fill(queue, new int[0]);
        }

        Cluster(int[] code) {
            System.arraycopy(code, 0, node, 0, NODES);
            for (int i = 0; i < left.length; i++) {
                left[i] = (code[LEFT] >>> (4 * i)) & 15;
            }
            delays = code[DELAYS];
            past = code[PAST];
            side = code[SIDE];
            int at = QUEUES;
            for (int i = 0; i < queue.length; i++) {
                int length = code[at++];
                queue[i] = Arrays.copyOfRange(code, at, at + length);
                at += length;
            }
        }

        int[] code() {
            int size = QUEUES
                    + Arrays.stream(queue).mapToInt(each -> 1 + each.length).sum();
            int[] code = new int[size];
            System.arraycopy(node, 0, code, 0, NODES);
            for (int i = 0; i < left.length; i++) {
                code[LEFT] |= left[i] << (4 * i);
            }
            code[DELAYS] = delays;
            code[PAST] = past;
            code[SIDE] = side;
            int at = QUEUES;
            for (int[] each : queue) {
                code[at++] = each.length;
                System.arraycopy(each, 0, code, at, each.length);
                at += each.length;
            }
            return code;
        }

        boolean up(int which) {
            return node[which] >= 0;
        }

        boolean spend(Budget budget) {
            return left[budget.ordinal()]-- > 0;
        }
    }

    private State state(Cluster cluster, int which) {
        int id = cluster.node[which];
        return nodes.state(id >= 0 ? id : -id - 1);
    }

    private static int index(Peer peer) {
        return ModelNode.NAMES.indexOf(peer.node());
    }

    private static int queue(int from, int to) {
        return from * NODES + to;
    }

    // The exploration.

    /** Visits all states from three empty directories, with the nodes in one view. */
    void exploreFromEmpty() {
        explore(empty());
    }

    /** The same after node a has begun the log, with some of the others: each has its first entry, and it is committed. */
    void exploreFromBegun(boolean allThree) {
        Cluster begun = empty();
        Arrays.fill(begun.left, 15);
        if (!allThree) {
            crash(begun, 2);
        }
        install(begun);
        apply(begun, Kind.TIMEOUT, 0, 0);
        settle(begun);
        apply(begun, Kind.HEARTBEAT, 0, 0);
        settle(begun);
        if (!state(begun, 0).leads || state(begun, 0).commitIndex < 1) {
            throw new AssertionError("node a has not begun the log");
        }
        System.arraycopy(bounds.budgets(), 0, begun.left, 0, begun.left.length);
        begun.delays = bounds.delays();
        explore(begun);
    }

    private Cluster empty() {
        Cluster first = new Cluster();
        System.arraycopy(bounds.budgets(), 0, first.left, 0, first.left.length);
        first.delays = bounds.delays();
        for (int i = 0; i < NODES; i++) {
            first.node[i] = nodes.start(new Peer(ModelNode.NAMES.get(i), 0), 0, Content.NONE, Condition.WHOLE).id;
        }
        first.past = number(new Past(List.of(), List.of(), Map.of()));
        install(first);
        return first;
    }

    private void install(Cluster cluster) {
        for (int i = 0; i < NODES; i++) {
            if (cluster.up(i)) {
                apply(cluster, Kind.INSTALL, i, 0);
            }
        }
    }

    /** Delivers all messages. */
    private void settle(Cluster cluster) {
        boolean some = true;
        while (some) {
            some = false;
            for (int way = 0; way < NODES * NODES; way++) {
                while (cluster.queue[way].length > 0) {
                    apply(cluster, Kind.DELIVER, way / NODES, way % NODES);
                    some = true;
                }
            }
        }
    }

    private void explore(Cluster first) {
        start = first.code();
        current = -1;
        visit(first, 0);
        while (!nextLevel.isEmpty() && count < maxStates) {
            levels++;
            List<int[]> level = nextLevel;
            List<Integer> numbers = nextNumbers;
            nextLevel = new ArrayList<>();
            nextNumbers = new ArrayList<>();
            for (int i = 0; i < level.size() && count < maxStates; i++) {
                current = numbers.get(i);
                expand(level.get(i));
                level.set(i, null);
            }
        }
        complete = nextLevel.isEmpty() && count < maxStates;
    }

    private void visit(Cluster cluster, int event) {
        int[] code = cluster.code();
        if (!visited.add(code)) {
            return;
        }
        if (count == before.length) {
            before = Arrays.copyOf(before, 2 * count);
            events = Arrays.copyOf(events, 2 * count);
        }
        before[count] = current;
        events[count] = event;
        nextLevel.add(code);
        nextNumbers.add(count++);
    }

    private void expand(int[] code) {
        Cluster present = new Cluster(code);
        boolean delays = false;
        for (int node = 0; node < NODES; node++) {
            delays |= present.up(node) && attempt(code, Kind.INSTALL, node, 0, delays);
        }
        for (int way = 0; way < NODES * NODES; way++) {
            if (present.queue[way].length > 0) {
                delays |= attempt(code, Kind.DELIVER, way / NODES, way % NODES, delays);
                attempt(code, Kind.REPEAT, way / NODES, way % NODES, false);
                attempt(code, Kind.BREAK, way / NODES, way % NODES, false);
            }
        }
        for (int node = 0; node < NODES; node++) {
            for (Kind kind : present.up(node) ? WHILE_UP : WHILE_DOWN) {
                attempt(code, kind, node, 0, false);
            }
            if (present.side == 0) {
                attempt(code, Kind.SPLIT, node, 0, false);
            }
        }
        if (present.side != 0) {
            attempt(code, Kind.UNITE, 0, 0, false);
        }
    }

    /** Visits the state after an event. Returns whether the event can happen, also if it delays another one too often. */
    private boolean attempt(int[] code, Kind kind, int node, int other, boolean delays) {
        Cluster cluster = new Cluster(code);
        if (delays && cluster.delays == 0) {
            return true;
        }
        cluster.delays -= delays && bounds.delays() != Bounds.ANY ? 1 : 0;
        int event = kind.ordinal() * 100 + node * 10 + other;
        boolean happened;
        try {
            happened = apply(cluster, kind, node, other);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(e.getMessage() + "\n" + trace(event), e);
        }
        if (happened) {
            visit(cluster, event);
        }
        return happened;
    }

    // Events.

    /** Performs an event; false if it cannot happen. */
    private boolean apply(Cluster cluster, Kind kind, int node, int other) {
        boolean up = cluster.up(node);
        return switch (kind) {
            case TIMEOUT -> up && mayTimeOut(cluster, node) && run(cluster, node, new Input.Timeout());
            case HEARTBEAT ->
                up
                        && state(cluster, node).leads
                        && cluster.spend(Budget.HEARTBEATS)
                        && run(cluster, node, new Input.Heartbeat());
            case COMMAND ->
                up
                        && state(cluster, node).leads
                        && state(cluster, node).entries.size() < bounds.log()
                        && cluster.spend(Budget.COMMANDS)
                        && run(cluster, node, new Input.Propose());
            case INSTALL -> up && install(cluster, node);
            case DELIVER -> deliver(cluster, node, other, false);
            case REPEAT -> deliver(cluster, node, other, true);
            case BREAK -> {
                boolean breaks = up && cluster.queue[queue(node, other)].length > 0 && cluster.spend(Budget.BREAKS);
                if (breaks) {
                    cluster.queue[queue(node, other)] = new int[0];
                }
                yield breaks && run(cluster, node, new Input.Reopen(state(cluster, other).peer));
            }
            case CRASH -> up && cluster.spend(Budget.CRASHES) && crash(cluster, node);
            case RESTART -> !up && restart(cluster, node, state(cluster, node).directory);
            case LOSE ->
                !up && mayLose(cluster, node) && cluster.spend(Budget.LOSSES) && lose(cluster, node, Condition.WHOLE);
            case REFUSE ->
                !up
                        && state(cluster, node).directory == 0
                        && cluster.spend(Budget.LOSSES)
                        && lose(cluster, node, Condition.INCOMPLETE);
            case SPLIT -> {
                boolean splits = cluster.side == 0 && cluster.spend(Budget.SPLITS);
                cluster.side = splits ? node + 1 : cluster.side;
                yield splits;
            }
            case UNITE -> {
                boolean unites = cluster.side != 0;
                cluster.side = 0;
                yield unites;
            }
        };
    }

    /** Neither does a term nor a log get longer than the bounds. */
    private boolean mayTimeOut(Cluster cluster, int node) {
        State state = state(cluster, node);
        boolean bounded = state.leads || (state.term < bounds.terms() && state.entries.size() < bounds.log());
        return bounded && cluster.spend(Budget.TIMEOUTS);
    }

    private boolean install(Cluster cluster, int node) {
        List<Peer> members = IntStream.range(0, NODES)
                .filter(each -> cluster.up(each) && together(cluster, each, node))
                .mapToObj(each -> state(cluster, each).peer)
                .toList();
        List<Peer> former = state(cluster, node).view;
        if (members.equals(former)) {
            return false;
        }
        for (Peer gone : former) {
            if (!members.contains(gone)) {
                cluster.queue[queue(node, index(gone))] = new int[0];
            }
        }
        return run(cluster, node, new Input.Install(members));
    }

    private static boolean together(Cluster cluster, int one, int other) {
        return one == other || cluster.side == 0 || (cluster.side != one + 1 && cluster.side != other + 1);
    }

    private boolean deliver(Cluster cluster, int from, int to, boolean again) {
        int[] queue = cluster.queue[queue(from, to)];
        Peer sender = state(cluster, from).peer;
        if (queue.length == 0
                || !cluster.up(to)
                || !together(cluster, from, to)
                || !state(cluster, to).view.contains(sender)
                || (again && !cluster.spend(Budget.REPEATS))) {
            return false;
        }
        if (!again) {
            cluster.queue[queue(from, to)] = Arrays.copyOfRange(queue, 1, queue.length);
        }
        return run(cluster, to, new Input.Receive(sender, queue[0]));
    }

    private boolean crash(Cluster cluster, int node) {
        cluster.node[node] = -cluster.node[node] - 1;
        for (int from = 0; from < NODES; from++) {
            cluster.queue[queue(from, node)] = new int[0];
        }
        return true;
    }

    private boolean restart(Cluster cluster, int node, int directory) {
        State former = state(cluster, node);
        return start(cluster, node, directory, former.content, former.conditionNow);
    }

    private boolean lose(Cluster cluster, int node, Condition condition) {
        saw(condition == Condition.WHOLE ? "lost directory" : "refused directory");
        return start(cluster, node, 1, Content.NONE, condition);
    }

    private boolean start(Cluster cluster, int node, int directory, Content content, Condition condition) {
        Peer former = state(cluster, node).peer;
        for (int other = 0; other < NODES; other++) {
            cluster.queue[queue(node, other)] = new int[0];
            cluster.queue[queue(other, node)] = new int[0];
        }
        Peer peer = new Peer(former.node(), former.incarnation() + 1);
        cluster.node[node] = nodes.start(peer, directory, content, condition).id;
        return true;
    }

    /**
     * A directory is lost only if the log has begun, and if a majority of each list that a node has keeps its own, with entries.
     * Otherwise voters without entries may begin another log. One that is refused has no such condition: it begins no log.
     */
    private boolean mayLose(Cluster cluster, int node) {
        if (state(cluster, node).directory > 0
                || pasts.get(cluster.past).committed().isEmpty()) {
            return false;
        }
        for (int i = 0; i < NODES; i++) {
            for (Voters list : state(cluster, i).lists) {
                int intact = 0;
                for (int j = 0; j < NODES; j++) {
                    State each = state(cluster, j);
                    boolean keeps = list.has(each.peer.node(), directory(each)) && !each.stored.isEmpty();
                    intact += keeps && j != node ? 1 : 0;
                }
                if (2 * intact <= list.nodes().size()) {
                    return false;
                }
            }
        }
        return true;
    }

    private static String directory(State state) {
        return ModelNode.directory(state.peer.node(), state.directory);
    }

    /** Runs an event at one node, and checks its next state. */
    private boolean run(Cluster cluster, int node, Input input) {
        State former = state(cluster, node);
        Step step = nodes.step(former, input);
        State next = step.next();
        cluster.node[node] = next.id;
        for (Sent sent : step.sent()) {
            int to = index(sent.to());
            if (cluster.up(to) && state(cluster, to).peer.equals(sent.to())) {
                int[] queue = cluster.queue[queue(node, to)];
                int[] longer = Arrays.copyOf(queue, queue.length + 1);
                longer[queue.length] = sent.message();
                cluster.queue[queue(node, to)] = longer;
            }
        }
        check(cluster, former, next);
        return true;
    }

    // Safety.

    private void check(Cluster cluster, State former, State next) {
        Past past = pasts.get(cluster.past);
        if (next.leads && !(former.leads && former.term == next.term)) {
            past = checkElected(past, next);
        }
        if (next.leads && former.leads && former.term == next.term && !next.voters.equals(former.voters)) {
            checkNamed(cluster, former, next);
        }
        past = checkCommitted(past, next);
        cluster.past = number(past);
    }

    private Past checkElected(Past past, State next) {
        saw("leader");
        Peer known = past.leaders().get(next.term);
        check(
                known == null || known.equals(next.peer),
                () -> "Two nodes lead in term " + next.term + ": " + known + " and " + next.peer);
        for (int i = 0; i < past.committed().size(); i++) {
            int entry = past.committed().get(i);
            check(
                    past.terms().get(i) >= next.term || next.entries.contains(entry),
                    () -> next.peer + " leads in term " + next.term + " without the committed entry "
                            + nodes.entryText(entry));
        }
        Map<Long, Peer> leaders = new TreeMap<>(past.leaders());
        leaders.put(next.term, next.peer);
        return new Past(past.committed(), past.terms(), leaders);
    }

    /** A directory is named after it has all committed entries. */
    private void checkNamed(Cluster cluster, State former, State next) {
        next.voters.directories().forEach((node, directory) -> {
            String before = former.voters.directories().getOrDefault(node, "");
            if (directory.isEmpty() && !before.isEmpty()) {
                saw("directory removed from the list");
            } else if (!directory.isEmpty() && !directory.equals(before)) {
                saw("directory named");
                State of = state(cluster, ModelNode.NAMES.indexOf(node));
                check(
                        !directory(of).equals(directory)
                                || of.stored.containsAll(next.entries.subList(0, next.commitIndex)),
                        () -> next.peer + " names the directory " + directory + ", which has entries up to "
                                + of.stored.size() + " of " + next.commitIndex);
            }
        });
    }

    private Past checkCommitted(Past past, State next) {
        List<Integer> committed = new ArrayList<>(past.committed());
        List<Long> terms = new ArrayList<>(past.terms());
        for (int i = 0; i < next.commitIndex; i++) {
            int entry = next.entries.get(i);
            if (i == committed.size()) {
                saw("committed entry");
                committed.add(entry);
                terms.add(next.term);
            }
            int other = committed.get(i);
            check(
                    other == entry,
                    () -> next.peer + " has committed " + nodes.entryText(entry) + ", another node "
                            + nodes.entryText(other));
        }
        return committed.size() == past.committed().size() ? past : new Past(committed, terms, past.leaders());
    }

    private int number(Past past) {
        return pastNumbers.computeIfAbsent(past, _ -> {
            pasts.add(past);
            return pasts.size() - 1;
        });
    }

    private static void check(boolean holds, Supplier<String> otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise.get());
        }
    }

    private void saw(String what) {
        seen.merge(what, 1L, Long::sum);
    }

    /** The events that lead to the present state, and one more: the shortest schedule. */
    private String trace(int last) {
        List<Integer> schedule = new ArrayList<>(List.of(last));
        for (int at = current; at >= 0 && before[at] >= 0; at = before[at]) {
            schedule.add(events[at]);
        }
        StringBuilder text = new StringBuilder();
        Cluster cluster = new Cluster(start);
        for (int event : schedule.reversed()) {
            Kind kind = Kind.values()[event / 100];
            int node = event / 10 % 10;
            int other = event % 10;
            text.append(ModelNode.NAMES.get(node)).append(' ').append(kind);
            if (kind == Kind.DELIVER || kind == Kind.REPEAT || kind == Kind.BREAK) {
                text.append(" to ").append(ModelNode.NAMES.get(other));
                Optional.of(cluster.queue[queue(node, other)])
                        .filter(queue -> queue.length > 0)
                        .ifPresent(queue -> text.append(": ").append(nodes.text(queue[0])));
            }
            text.append('\n');
            try {
                apply(cluster, kind, node, other);
            } catch (RuntimeException | AssertionError e) {
                text.append("  ").append(e.getMessage()).append('\n');
            }
        }
        return text.toString();
    }

    /** The hashes of the visited states: open addressing, 64 bits each. */
    private static final class StateSet {
        private long[] slots = new long[1 << 16];
        private int size;

        boolean add(int[] code) {
            if (2 * size > slots.length) {
                grow();
            }
            boolean added = insert(slots, hash(code));
            size += added ? 1 : 0;
            return added;
        }

        private void grow() {
            long[] larger = new long[2 * slots.length];
            for (long each : slots) {
                if (each != 0) {
                    insert(larger, each);
                }
            }
            slots = larger;
        }

        private static boolean insert(long[] into, long hash) {
            int at = (int) (hash >>> 20) & (into.length - 1);
            while (into[at] != 0) {
                if (into[at] == hash) {
                    return false;
                }
                at = (at + 1) & (into.length - 1);
            }
            into[at] = hash;
            return true;
        }

        private static long hash(int[] code) {
            long hash = 0x9E3779B97F4A7C15L;
            for (int each : code) {
                hash = (hash ^ each) * 0xBF58476D1CE4E5B9L;
                hash ^= hash >>> 29;
                hash *= 0x94D049BB133111EBL;
                hash ^= hash >>> 32;
            }
            return hash == 0 ? 1 : hash;
        }
    }
}
