package io.heliodor.simulation;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.BinaryWriter;
import io.heliodor.binary.DecodeException;
import io.heliodor.link.MessageRoutes;
import io.heliodor.link.Peer;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import io.heliodor.protocol.VoterAnswer;
import io.heliodor.protocol.VoterCommand;
import io.heliodor.protocol.VoterNames;
import io.heliodor.raft.Ballot;
import io.heliodor.raft.ChangeRefusal;
import io.heliodor.raft.NoStorage;
import io.heliodor.raft.Raft;
import io.heliodor.raft.RaftEffects;
import io.heliodor.raft.RaftEntry;
import io.heliodor.raft.RaftMessage;
import io.heliodor.raft.RaftOutcome;
import io.heliodor.raft.Snapshot;
import io.heliodor.raft.Storage;
import io.heliodor.raft.StorageException;
import io.heliodor.raft.Voters;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The consensus of one node, with a state machine that keeps all commands, and applies those of clients to names. */
final class VoterHost implements RaftEffects {
    /** The first letter of a command of a client; those of hosts begin with another one. */
    private static final String OF_CLIENT = "r";

    private interface Step {
        void run() throws DecodeException;
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Query(byte[] query, Consumer<VoterAnswer> receiver) {}

    private final World world;
    private final VoterSimulation simulation;
    private final VoterHistory all;
    private final Peer peer;
    private final MessageRoutes routes = new MessageRoutes();
    private final TreeMap<Long, String> state = new TreeMap<>();
    private final Map<Long, String> proposals = new HashMap<>();
    private final Set<Long> changes = new HashSet<>();
    /** By ticket: the highest committed index when the read began. */
    private final Map<Long, Long> reads = new HashMap<>();

    /** By ticket: the requests of clients that wait for their answers. */
    private final Map<Long, Consumer<VoterAnswer>> commands = new HashMap<>();

    private final Map<Long, Query> queries = new HashMap<>();
    private VoterNames names = new VoterNames();

    private Optional<Voters> stored = Optional.empty();
    private Storage disk;
    private Raft raft;

    /** The last term in which it led and committed an entry of that term. */
    private long committedTerm;

    private View view;
    private long tickets;

    /** The last command that it proposed. */
    private String last = "";

    private boolean alive = true;
    private boolean withoutDisk;
    private boolean flushing;

    VoterHost(World world, VoterSimulation simulation, VoterHistory all, Peer peer) {
        this.world = world;
        this.simulation = simulation;
        this.all = all;
        this.peer = peer;
        this.view = new View(new ViewId(0, peer), List.of(peer), false);
        RaftMessage.route(routes, (from, message, _) -> step(() -> raft.received(from, message)));
    }

    void start() {
        Storage opened = all.mounted(name());
        disk = opened;
        step(() -> raft = raft(opened));
    }

    private Raft raft(Storage storage) throws DecodeException {
        return new Raft(
                peer,
                all.configured(),
                storage,
                all.snapshotBytes,
                new Random(world.random.nextLong()),
                this,
                world.now());
    }

    /** Continues in memory after a failure of the disk, as a node does. */
    private void giveUpDisk() {
        if (raft == null) {
            simulation.crash(this);
            return;
        }
        world.note(name() + " gives its disk up");
        withoutDisk = true;
        proposals.clear();
        reads.clear();
        changes.clear();
        commands.clear();
        queries.clear();
        state.clear();
        names = new VoterNames();
        Storage memory = new NoStorage(raft.content());
        step(() -> {
            raft = raft(memory);
            raft.view(view);
        });
    }

    boolean withoutDisk() {
        return withoutDisk;
    }

    Peer peer() {
        return peer;
    }

    String name() {
        return peer.node();
    }

    boolean alive() {
        return alive;
    }

    View view() {
        return view;
    }

    void crash() {
        alive = false;
    }

    private void step(Step step) {
        if (!alive) {
            return;
        }
        try {
            run(step);
            if (leads()) {
                all.leads(peer, raft.term());
            }
            flushSoon();
        } catch (VoterDisk.Crash _) {
            simulation.crash(this);
        } catch (StorageException _) {
            giveUpDisk();
        } catch (DecodeException e) {
            throw new AssertionError(e);
        }
    }

    private void flushSoon() {
        if (!flushing) {
            flushing = true;
            world.after(world.chance(0.5) ? 0 : world.upTo(5 * World.MILLIS), () -> {
                flushing = false;
                flush();
            });
        }
    }

    private void flush() {
        if (alive) {
            try {
                run(raft::flush);
            } catch (VoterDisk.Crash _) {
                simulation.crash(this);
            } catch (StorageException _) {
                giveUpDisk();
            } catch (DecodeException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Performs a step, and checks a leader. */
    private void run(Step step) throws DecodeException {
        Raft before = raft;
        boolean led = before != null && leads();
        long term = led ? before.term() : 0;
        long commitIndex = led ? before.commitIndex() : 0;
        Voters voters = led ? before.voters() : null;
        step.run();
        raft.checkInvariants();
        all.highest = Math.max(all.highest, raft.commitIndex());
        if (led && raft == before && leads() && raft.term() == term) {
            world.check(
                    committedTerm == term || raft.voters().equals(voters),
                    () -> this + " changed the voters before it committed an entry of its term");
            if (raft.commitIndex() > commitIndex) {
                checkCommitted();
            }
        }
    }

    /** Figure 8 of Raft: a majority may have an entry of an earlier term, and the next leader may replace it all the same. */
    private void checkCommitted() {
        long index = raft.commitIndex();
        Storage.Content content = raft.content();
        long term = content.entries().stream()
                .filter(entry -> entry.index() == index)
                .map(RaftEntry::term)
                .findFirst()
                .or(() -> content.snapshot().map(Snapshot::term))
                .orElseThrow();
        world.check(
                term == raft.term(),
                () -> this + " committed up to " + index + " by an entry of the earlier term " + term);
        committedTerm = term;
    }

    void view(View next) {
        world.note(name() + " view " + next.id().number() + " "
                + next.members().stream().map(Peer::node).toList());
        view = next;
        step(() -> raft.view(next));
    }

    void opened(Peer to) {
        step(() -> raft.opened(to));
    }

    void received(Peer from, byte[] envelope) {
        world.note(name() + " gets type " + envelope[0] + " of " + envelope.length + " from " + from.node());
        routes.dispatch(from, envelope).ifPresent(problem -> world.check(false, problem));
    }

    void tick() {
        step(() -> raft.tick(world.now()));
    }

    boolean leads() {
        return raft != null && raft.leader().filter(peer::equals).isPresent(); // it may have crashed while it started
    }

    void act() {
        step(() -> {
            long ticket = ++tickets;
            switch (world.random.nextInt(8)) {
                case 0 -> read(ticket);
                case 1 -> change(ticket);
                default -> propose(ticket);
            }
        });
    }

    void propose() {
        step(() -> propose(++tickets));
    }

    void read() {
        step(() -> read(++tickets));
    }

    private void read(long ticket) {
        reads.put(ticket, all.committed);
        if (!raft.read(ticket)) {
            reads.remove(ticket);
            queries.remove(ticket);
        }
    }

    private void propose(long ticket) {
        String command = all.next();
        last = command;
        byte[] filler = new byte[all.fillerBytes()];
        if (raft.propose(new BinaryWriter(16).text(command).bytes(filler).toBytes(), ticket)) {
            proposals.put(ticket, command);
        }
    }

    /**
     * Executes a request of a client, if this host leads.
     *
     * @param receiver receives the answer; not called if the outcome is unknown
     * @return false if the request has no effect, and never will
     */
    boolean execute(VoterCommand.Request request, Consumer<VoterAnswer> receiver) {
        long ticket = ++tickets;
        step(() -> {
            byte[] bytes = request.toBytes();
            if (request.command() instanceof VoterCommand.Lookup) {
                queries.put(ticket, new Query(bytes, receiver));
                read(ticket);
                return;
            }
            String command = OF_CLIENT + all.next();
            if (raft.propose(new BinaryWriter(64).text(command).bytes(bytes).toBytes(), ticket)) {
                last = command;
                proposals.put(ticket, command);
                commands.put(ticket, receiver);
            }
        });
        return commands.containsKey(ticket);
    }

    private void change(long ticket) {
        if (!world.chance(0.1)) {
            return;
        }
        String host = world.any(view.members()).node();
        boolean removes = raft.voters().has(host);
        if (removes && !all.goesOnWithout(host, raft.voters())) {
            return; // an operator removes no voter while the rest has lost too many directories
        }
        if (!removes && all.lostLately(host)) {
            return; // a new majority of two would wait for a disk that is gone
        }
        Optional<ChangeRefusal> refusal = removes ? raft.remove(host, ticket) : raft.add(host, ticket);
        if (refusal.isEmpty()) {
            world.note(name() + (removes ? " is to remove " : " is to add ") + host);
            changes.add(ticket);
            proposals.put(ticket, "");
        }
    }

    /** Whether it may change the voters soon. */
    boolean changing() {
        return alive && !changes.isEmpty();
    }

    /** The lists that its disk may have; the last one may not be stored. */
    Set<Voters> lists() {
        Set<Voters> lists = new HashSet<>();
        stored.ifPresent(lists::add);
        Optional.ofNullable(raft).map(Raft::voters).ifPresent(lists::add); // it may have crashed while it started
        return lists;
    }

    @Override
    public void voters(Voters voters) {
        world.note(name() + " has the voters " + voters);
        stored = Optional.of(voters);
    }

    @Override
    public void send(Peer to, RaftMessage message) {
        if (!withoutDisk) {
            checkStored(to, message);
        }
        simulation.send(peer, to, message);
    }

    /** A message promises no more than the disk has: the host may crash before the next write. */
    private void checkStored(Peer to, RaftMessage message) {
        Storage.Content content = disk.content();
        boolean isStored = switch (message) {
            case RaftMessage.RequestVote request -> request.pre() || isStored(content.ballot(), request.term(), name());
            case RaftMessage.Vote vote ->
                vote.pre() || !vote.granted() || isStored(content.ballot(), vote.term(), to.node());
            case RaftMessage.Appended appended ->
                content.ballot().term() >= appended.term()
                        && (!appended.matches() || last(content) >= appended.index());
            default -> content.ballot().term() >= message.term();
        };
        world.check(
                isStored,
                () -> name() + " sends " + message + " to " + to.node() + ", but its disk has " + content.ballot()
                        + " and entries up to " + last(content));
    }

    private static boolean isStored(Ballot ballot, long term, String votedFor) {
        return ballot.term() == term
                && ballot.votedFor().filter(votedFor::equals).isPresent();
    }

    private static long last(Storage.Content content) {
        return content.entries().isEmpty()
                ? content.snapshot().map(Snapshot::index).orElse(0L)
                : content.entries().getLast().index();
    }

    @Override
    public byte[] apply(long index, byte[] command) throws DecodeException {
        BinaryReader in = new BinaryReader(command);
        String text = in.text();
        world.check(
                state.isEmpty() || index > state.lastKey(),
                () -> name() + " applies " + index + " after " + state.lastKey());
        state.put(index, text);
        all.applied(index, text);
        return text.startsWith(OF_CLIENT)
                ? names.apply(index, in.bytes()).answer()
                : text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] snapshot() {
        world.saw("snapshot");
        BinaryWriter out = new BinaryWriter(1_000).number(state.size());
        state.forEach((index, command) -> out.number(index).text(command));
        if (names.index() > 0) {
            out.bytes(names.snapshot());
        }
        return out.toBytes();
    }

    @Override
    public void restore(byte[] bytes) throws DecodeException {
        world.saw("restore");
        state.clear();
        BinaryReader in = new BinaryReader(bytes);
        for (int left = in.count(2); left > 0; left--) {
            long index = in.number();
            String command = in.text();
            state.put(index, command);
            all.applied(index, command);
        }
        names = in.more() ? VoterNames.of(in.bytes()) : new VoterNames();
    }

    @Override
    public void led(Optional<Peer> leader) {}

    @Override
    public void decided(long ticket, RaftOutcome outcome) {
        String command = proposals.remove(ticket);
        Long before = reads.remove(ticket);
        world.check((command == null) != (before == null), () -> "ticket " + ticket + " was decided twice");
        switch (outcome) {
            case RaftOutcome.Committed(long index, byte[] _)
            when before != null -> {
                world.saw("read");
                world.check(
                        index >= before && raft.commitIndex() >= index,
                        () -> "a read at " + index + " that began after " + before);
                Optional.ofNullable(queries.remove(ticket)).ifPresent(this::answer);
            }
            case RaftOutcome.Committed(long index, byte[] result) -> {
                world.saw("committed");
                if (changes.remove(ticket)) {
                    world.saw("change of voters");
                    all.changed(raft.voters());
                } else if (commands.containsKey(ticket)) {
                    answer(commands.remove(ticket), result);
                    all.committed(index, command);
                } else {
                    world.check(
                            new String(result, StandardCharsets.UTF_8).equals(command),
                            "the result of another command");
                    all.committed(index, command);
                }
            }
            case RaftOutcome.Unknown _ -> {
                changes.remove(ticket);
                commands.remove(ticket);
                queries.remove(ticket);
                world.saw("unknown");
            }
            case RaftOutcome.TooFew _ -> {
                changes.remove(ticket);
                world.note(name() + " has too few voters for a change");
            }
        }
    }

    private void answer(Query query) {
        try {
            query.receiver().accept(names.read(query.query()));
        } catch (DecodeException e) {
            throw new AssertionError(e);
        }
    }

    private static void answer(Consumer<VoterAnswer> client, byte[] result) {
        try {
            client.accept(VoterAnswer.of(result));
        } catch (DecodeException e) {
            throw new AssertionError(e);
        }
    }

    /** Checks hosts that all have run and reached each other for long enough. */
    static void checkEqual(World world, List<VoterHost> all) {
        List<VoterHost> leaders = all.stream().filter(VoterHost::leads).toList();
        world.check(leaders.size() == 1, () -> "leaders: " + names(leaders) + " of " + all);
        VoterHost leader = leaders.getFirst();
        world.check(
                leader.raft.commitIndex() >= leader.all.committed,
                () -> "entries up to " + leader.all.committed + " are committed, " + leader);
        for (VoterHost host : all) {
            world.check(host.state.equals(leader.state), () -> host + " has another state than " + leader);
            world.check(host.names.equals(leader.names), () -> host + " has other names than " + leader);
            world.check(
                    host.proposals.isEmpty() && host.reads.isEmpty(),
                    () -> host + " waits for " + host.proposals + host.reads);
        }
        world.check(leader.state.containsValue(leader.last), () -> leader.last + " was not committed");
    }

    private static List<String> names(List<VoterHost> some) {
        return some.stream().map(VoterHost::name).toList();
    }

    @Override
    public String toString() {
        return name() + " (" + raft + ")";
    }
}
