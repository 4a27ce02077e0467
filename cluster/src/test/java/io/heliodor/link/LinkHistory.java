package io.heliodor.link;

import io.heliodor.link.LinkContract.Violation;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A history of a few nodes, generated from a seed. They send to each other while views come late or at some nodes only,
 * packets are lost, held and repeated, and nodes freeze, crash and return. At the end the links must recover.
 */
final class LinkHistory {
    private static final int CAPACITY = 2_000;

    private final Random random;
    private final SimulatedLinks links;
    private final LinkContract contract =
            new LinkContract(envelope -> ByteBuffer.wrap(envelope).getLong());
    private final Map<Peer, Link> alive = new LinkedHashMap<>();
    private final List<Peer> everyone = new ArrayList<>();
    private final Set<Peer> frozen = new HashSet<>();
    /** Views that were made and are not installed yet, and the highest number of those that were made. */
    private final Map<Peer, Deque<View>> coming = new HashMap<>();

    private final Map<Peer, Long> numbers = new HashMap<>();
    private final StringBuilder script = new StringBuilder();
    private long envelopes;

    LinkHistory(long seed) {
        random = new Random(seed);
        links = new SimulatedLinks(random, CAPACITY);
        int nodes = 2 + random.nextInt(4);
        for (int i = 0; i < nodes; i++) {
            start("n" + i + "@host");
        }
    }

    /** Runs the history of a seed, and returns the violations in it. */
    static List<Violation> of(long seed) {
        LinkHistory history = new LinkHistory(seed);
        history.run(400);
        history.settle();
        return history.violations();
    }

    /** The violations after {@link #settle}. */
    List<Violation> violations() {
        return contract.violations(alive.keySet());
    }

    /** All nodes that were ever started. */
    List<Peer> everyone() {
        return everyone;
    }

    LinkContract contract() {
        return contract;
    }

    /** The steps of this run, to compare two runs. */
    String script() {
        return script.toString();
    }

    private void note(Object... what) {
        for (Object each : what) {
            script.append(each).append(' ');
        }
        script.append('\n');
    }

    private void start(String name) {
        Peer peer = new Peer(name, random.nextLong() >>> 1);
        note("start", peer);
        Link link = links.start(peer, contract.log(peer).listener(new EmptyListener()));
        alive.put(peer, contract.log(peer).link(link));
        everyone.add(peer);
        coming.put(peer, new ArrayDeque<>());
        numbers.put(peer, 0L);
        make(List.of(peer));
    }

    void run(int steps) {
        // Each history has faults of its own, so that some are calm for long.
        int trouble = random.nextInt(4);
        if (random.nextBoolean()) {
            make(List.copyOf(alive.keySet()));
            everyone.forEach(this::installAll);
            links.drain();
        }
        for (int i = 0; i < steps; i++) {
            int dice = random.nextInt(100);
            if (dice < 40) {
                for (int n = random.nextInt(6); n >= 0; n--) {
                    links.step();
                }
            } else if (dice < 70) {
                send(any(List.copyOf(alive.keySet())));
            } else if (dice < 78) {
                links.tick(any(List.copyOf(alive.keySet())));
            } else if (dice < 85) {
                Peer at = any(List.copyOf(alive.keySet()));
                for (int n = random.nextInt(3); n >= 0; n--) {
                    install(at);
                }
            } else if (random.nextInt(4) <= trouble) {
                trouble(random.nextInt(36));
            }
        }
    }

    private void trouble(int dice) {
        Peer one = any(everyone);
        Peer other = any(everyone);
        switch (dice) {
            case 0, 1, 2 -> membership();
            case 3, 4 -> links.network().lose(one, other);
            case 5, 6 -> links.network().hold(one, other);
            case 7, 8 -> links.network().heal(one, other);
            case 9 -> links.network().heal();
            case 10, 11, 16, 17 -> links.network().repeat(one, other, random.nextInt(20));
            case 12, 18, 19 -> {
                if (alive.containsKey(one)) {
                    links.network().suspect(one, other, random.nextBoolean());
                }
            }
            case 28, 29, 30 -> links.network().connect(one, other);
            case 31 -> links.network().hang(one, other);
            case 32, 33, 34 -> links.network().cut(one, other, random.nextInt(4));
            case 35 -> {
                links.network().cut(one, other, random.nextInt(4));
                links.network().connect(one, other);
            }
            case 24, 25 -> links.busy(one, true);
            case 26, 27 -> everyone.forEach(peer -> links.busy(peer, false));
            case 20, 21, 22 -> {
                // A window of packets is repeated, in order.
                for (int back = random.nextInt(32); back >= 0; back--) {
                    links.network().repeat(one, other, back);
                }
            }
            case 13 -> {
                if (alive.containsKey(one) && frozen.add(one)) {
                    links.pause(one);
                }
            }
            case 14 -> {
                if (frozen.remove(one)) {
                    links.resume(one);
                }
            }
            default -> {
                if (alive.containsKey(one) && random.nextInt(3) == 0) {
                    crash(one);
                    start(one.node());
                }
            }
        }
        note("trouble", dice, one, other);
    }

    private void crash(Peer peer) {
        links.crash(peer);
        alive.remove(peer);
        frozen.remove(peer);
        coming.remove(peer);
    }

    /** Creates a view of some nodes, perhaps with crashed ones, and perhaps a view of the rest. It installs none. */
    private void membership() {
        List<Peer> candidates = new ArrayList<>(alive.keySet());
        if (random.nextInt(4) == 0) {
            candidates.add(any(everyone));
        }
        List<Peer> some = new ArrayList<>();
        List<Peer> others = new ArrayList<>();
        boolean all = random.nextInt(3) == 0;
        for (Peer peer : new HashSet<>(candidates).stream().sorted().toList()) {
            (all || random.nextBoolean() ? some : others).add(peer);
        }
        Collections.rotate(some, random.nextInt(3));
        make(some);
        if (random.nextBoolean()) {
            make(others);
        }
    }

    private void make(List<Peer> members) {
        if (members.isEmpty()) {
            return;
        }
        long number = 1 + members.stream().mapToLong(numbers::get).max().orElse(0);
        View view = new View(new ViewId(number, members.getFirst()), members, false);
        note("view", view);
        for (Peer member : members) {
            numbers.put(member, number);
            Deque<View> views = coming.get(member);
            if (views != null) {
                views.add(view);
            }
        }
    }

    private void install(Peer at) {
        Deque<View> views = coming.get(at);
        View next = views == null ? null : views.poll();
        if (next != null) {
            note("install", next.id(), at);
            links.network().install(next, at);
        }
    }

    private void installAll(Peer at) {
        while (coming.containsKey(at) && !coming.get(at).isEmpty()) {
            install(at);
        }
    }

    private void send(Peer from) {
        Peer to = any(everyone);
        for (int n = random.nextInt(3); n >= 0; n--) {
            send(from, to);
        }
    }

    private void send(Peer from, Peer to) {
        if (frozen.contains(from) || !alive.containsKey(from)) {
            return;
        }
        hand(from, to, random.nextInt(8) == 0 ? random.nextInt(2 * CAPACITY) : random.nextInt(100));
    }

    private void hand(Peer from, Peer to, int size) {
        byte[] envelope = ByteBuffer.allocate(8 + size).putLong(++envelopes).array();
        Link link = alive.get(from);
        try {
            Link.Sent sent = switch (random.nextInt(4)) {
                case 0 -> link.offer(to, envelope);
                case 1 -> link.post(to, envelope);
                case 2 -> {
                    Link.Sent[] refused = {Link.Sent.QUEUED};
                    link.sendAll(List.of(to), peer -> envelope, 0, (peer, why) -> refused[0] = why);
                    yield refused[0];
                }
                default -> link.send(to, envelope, 0);
            };
            note("send", from, to, envelopes, sent);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Ends all faults, and lets time pass until nothing can be pending. */
    void settle() {
        frozen.forEach(links::resume);
        frozen.clear();
        links.network().heal();
        everyone.forEach(peer -> links.busy(peer, false));
        List<Peer> members =
                alive.keySet().stream().sorted(Comparator.reverseOrder()).toList();
        make(members);
        for (Peer member : members) {
            installAll(member);
            if (random.nextBoolean()) {
                links.tick(member);
                links.step();
            }
        }
        rest();
        contract.calm();
        if (random.nextBoolean()) {
            return; // the loss of the last envelopes must be noticed without later ones
        }
        for (Peer from : members) {
            members.forEach(to -> hand(from, to, random.nextInt(100)));
        }
        rest();
    }

    private void rest() {
        for (int i = 0; i < 8; i++) {
            links.drain();
            links.tick();
        }
        links.drain();
    }

    private <T> T any(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    /** A listener that does nothing; the contract records its calls. */
    static class EmptyListener implements Link.Listener {
        @Override
        public void view(View view) {}

        @Override
        public void opened(Peer peer) {}

        @Override
        public void closed(Peer peer) {}

        @Override
        public void suspected(Peer peer, boolean suspect) {}

        @Override
        public void received(Peer from, byte[] envelope) {}
    }
}
