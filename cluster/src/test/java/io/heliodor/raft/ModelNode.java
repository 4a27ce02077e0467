package io.heliodor.raft;

import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.raft.RaftMessage.AppendEntries;
import io.heliodor.raft.Storage.Condition;
import io.heliodor.raft.Storage.Content;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The states that one {@link Raft} of the model can have, and the transitions between them. A transition is computed once: the
 * events since the start of the node run again on a new {@link Raft}, and then the next one.
 */
final class ModelNode {
    static final List<String> NAMES = List.of("a", "b", "c");
    private static final Voters CONFIGURED = Voters.named(NAMES);
    private static final byte[] COMMAND = {1};

    /** The lengths of two ticks: one that ends each wait, and one that only a leader notices, for a heartbeat. */
    private static final long LONG_TICK = 31_000_000_000L;

    private static final long SHORT_TICK = 1_000_000_000L;

    /** An event at one node. */
    sealed interface Input {
        /** A long time has passed. */
        record Timeout() implements Input {}

        /** A heartbeat is due. */
        record Heartbeat() implements Input {}

        /** A command comes. */
        record Propose() implements Input {}

        /**
         * A message comes.
         *
         * @param from the sender
         * @param message its number
         */
        record Receive(Peer from, int message) implements Input {}

        /**
         * A view is installed.
         *
         * @param members its members
         */
        record Install(List<Peer> members) implements Input {}

        /**
         * A session to a member begins again.
         *
         * @param to the member
         */
        record Reopen(Peer to) implements Input {}
    }

    /**
     * A message that a transition sends.
     *
     * @param to the receiver
     * @param message its number
     */
    record Sent(Peer to, int message) {}

    /**
     * A transition.
     *
     * @param next the state after it
     * @param sent the messages in order
     */
    record Step(State next, List<Sent> sent) {}

    /** A state of one node, or of its directory if the node is down. */
    static final class State {
        final int id;
        final Peer peer;
        final int directory;

        /** The state before, and the event; null at the start of the node. */
        private final @Nullable State before;

        private final @Nullable Input input;
        private final Content started;
        private final Condition condition;
        private final Map<Input, Step> steps = new HashMap<>();

        List<Peer> view = List.of();
        long term;
        boolean leads;
        int commitIndex;

        /** The numbers of the entries in memory, and of those on the disk. */
        List<Integer> entries = List.of();

        List<Integer> stored = List.of();
        Voters voters = CONFIGURED;
        Content content = Content.NONE;
        Condition conditionNow = Condition.WHOLE;

        /** The lists of voters that it may follow after a crash, and now. */
        Set<Voters> lists = Set.of();

        private State(
                int id,
                Peer peer,
                int directory,
                Content started,
                Condition condition,
                @Nullable State before,
                @Nullable Input input) {
            this.id = id;
            this.peer = peer;
            this.directory = directory;
            this.started = started;
            this.condition = condition;
            this.before = before;
            this.input = input;
        }
    }

    private static final class Disk extends MemoryStorage {
        private Condition condition;

        Disk(String directory, Condition condition, Content content) {
            super(directory);
            this.condition = condition;
            write(content);
        }

        @Override
        public Condition condition() {
            return condition;
        }

        @Override
        public void condition(Condition next) {
            condition = next;
        }
    }

    /** No jitter; each node draws other ids of logs. */
    private static final class Ids implements RandomGenerator {
        private long next;

        Ids(Peer peer) {
            next = 100L * NAMES.indexOf(peer.node()) + 10 * peer.incarnation();
        }

        @Override
        public long nextLong() {
            return next++;
        }

        @Override
        public long nextLong(long bound) {
            return 0;
        }
    }

    private static final class Run implements RaftEffects {
        private final Disk disk;
        private final Ids ids;
        private final List<Map.Entry<Peer, RaftMessage>> sent = new ArrayList<>();
        private final Raft raft;
        private View view;
        private long now;

        Run(State state) throws DecodeException {
            disk = new Disk(directory(state.peer.node(), state.directory), state.condition, state.started);
            ids = new Ids(state.peer);
            view = new View(new ViewId(1, state.peer), List.of(state.peer), false);
            raft = new Raft(state.peer, CONFIGURED, disk, Raft.SNAPSHOT_BYTES, ids, this, now);
        }

        @Override
        public void send(Peer to, RaftMessage message) {
            sent.add(Map.entry(to, message));
        }

        @Override
        public byte[] apply(long index, byte[] command) {
            return command;
        }

        @Override
        public byte[] snapshot() {
            return new byte[0];
        }

        @Override
        public void restore(byte[] state) {}

        @Override
        public void led(Optional<Peer> leader) {}

        @Override
        public void voters(Voters voters) {}

        @Override
        public void decided(long ticket, RaftOutcome outcome) {}
    }

    private final Map<String, State> known = new HashMap<>();
    private final List<State> states = new ArrayList<>();
    private final List<RaftMessage> messages = new ArrayList<>();
    private final Map<String, Integer> messageNumbers = new HashMap<>();
    private final Map<String, Integer> entryNumbers = new HashMap<>();
    private final List<String> entryTexts = new ArrayList<>();

    /** The id of a directory: each node has the directories 0 and 1. */
    static String directory(String node, int number) {
        return node + number;
    }

    State state(int id) {
        return states.get(id);
    }

    int size() {
        return states.size();
    }

    int messages() {
        return messages.size();
    }

    String text(int message) {
        RaftMessage each = messages.get(message);
        return each instanceof AppendEntries append
                ? "AppendEntries of term " + append.term() + " after " + append.prevIndex() + ": "
                        + append.entries().stream()
                                .map(entry -> entry.term() + " " + entry.kind())
                                .toList()
                        + ", committed " + append.commitIndex() + ", round " + append.round()
                : each.toString();
    }

    String entryText(int entry) {
        return entryTexts.get(entry);
    }

    /** The state of a node that starts with a directory. */
    State start(Peer peer, int directory, Content content, Condition condition) {
        State first = new State(states.size(), peer, directory, content, condition, null, null);
        try {
            return intern(first, new Run(first));
        } catch (DecodeException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The next state after an event. */
    Step step(State state, Input input) {
        Step known = state.steps.get(input);
        if (known == null) {
            known = compute(state, input);
            state.steps.put(input, known);
        }
        return known;
    }

    private Step compute(State state, Input input) {
        try {
            Run run = rerun(state);
            run.sent.clear();
            perform(run, input);
            run.raft.checkInvariants();
            List<Sent> sent = run.sent.stream()
                    .map(each -> new Sent(each.getKey(), number(each.getValue())))
                    .toList();
            State next =
                    new State(states.size(), state.peer, state.directory, state.started, state.condition, state, input);
            return new Step(intern(next, run), sent);
        } catch (DecodeException e) {
            throw new IllegalStateException(e);
        }
    }

    private Run rerun(State state) throws DecodeException {
        List<Input> inputs = new ArrayList<>();
        State first = state;
        while (first.before != null && first.input != null) {
            inputs.add(first.input);
            first = first.before;
        }
        Run run = new Run(first);
        for (Input each : inputs.reversed()) {
            perform(run, each);
        }
        return run;
    }

    private void perform(Run run, Input input) throws DecodeException {
        switch (input) {
            case Input.Timeout _ -> run.raft.tick(run.now += LONG_TICK);
            case Input.Heartbeat _ -> run.raft.tick(run.now += SHORT_TICK);
            case Input.Propose _ -> {
                boolean _ = run.raft.propose(COMMAND, 1);
            }
            case Input.Receive(Peer from, int message) -> {
                boolean _ = run.raft.received(from, messages.get(message));
            }
            case Input.Reopen(Peer to) -> run.raft.opened(to);
            case Input.Install(List<Peer> members) -> {
                View former = run.view;
                run.view = new View(new ViewId(1, members.getFirst()), members, false);
                run.raft.view(run.view);
                members.stream().filter(each -> !former.has(each)).forEach(run.raft::opened);
            }
        }
        run.raft.flush();
    }

    private State intern(State next, Run run) {
        String print = next.peer + " " + run.ids.next + ModelFingerprint.of(run.raft, run.disk, run.now);
        State present = known.get(print);
        if (present != null) {
            return present;
        }
        known.put(print, next);
        states.add(next);
        describe(next, run);
        return next;
    }

    private void describe(State state, Run run) {
        Content memory = run.raft.content();
        Content disk = run.disk.content();
        state.view = run.view.members();
        state.term = run.raft.term();
        state.leads = run.raft.leader().filter(state.peer::equals).isPresent();
        state.commitIndex = (int) run.raft.commitIndex();
        state.entries = numbers(memory);
        state.stored = numbers(disk);
        state.voters = run.raft.voters();
        state.content = disk;
        state.conditionNow = run.disk.condition();
        state.lists = new HashSet<>();
        state.lists.add(run.raft.voters());
        disk.entries().stream()
                .filter(entry -> entry.kind() == RaftEntry.Kind.VOTERS)
                .reduce((_, last) -> last)
                .ifPresent(last -> state.lists.add(Voters.of(last.data())));
        state.lists.removeIf(list -> list.withoutDirectory().size() == NAMES.size());
    }

    private List<Integer> numbers(Content content) {
        return content.entries().stream()
                .map(entry -> {
                    String text = entry.index() + " of term " + entry.term() + " " + entry.kind()
                            + (entry.kind() == RaftEntry.Kind.VOTERS
                                    ? " " + Voters.of(entry.data()).directories()
                                    : "")
                            + " in log " + content.ballot().log().id();
                    return entryNumbers.computeIfAbsent(text, _ -> {
                        entryTexts.add(text);
                        return entryTexts.size() - 1;
                    });
                })
                .toList();
    }

    /** One number for equal messages. What the nodes get is decoded from bytes. */
    private int number(RaftMessage message) {
        BinaryWriter out = new BinaryWriter(64).put(message.type());
        message.write(out);
        byte[] bytes = out.toBytes();
        return messageNumbers.computeIfAbsent(HexFormat.of().formatHex(bytes), _ -> {
            messages.add(message);
            return messages.size() - 1;
        });
    }
}
