package io.heliodor.link.jgroups;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.link.Link;
import io.heliodor.link.LinkContract;
import io.heliodor.link.LinkContract.Event;
import io.heliodor.link.Peer;
import io.heliodor.link.SessionLink;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import io.heliodor.link.WireException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Links over wires that are cut, leave and return, and are started again, while envelopes are under way.
 * {@code -Dlink.seconds=60} runs longer, {@code -Dlink.seed=17} repeats the faults of a seed; the threads may differ.
 */
class LinkFaultsTests {
    private static final String[] NAMES = {"a", "b", "c", "d"};
    private static final int CAPACITY = 200_000;
    private static final int ATTEMPTS = 5;

    private final LinkContract contract =
            new LinkContract(envelope -> ByteBuffer.wrap(envelope).getLong()).ofThreads();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    private final List<Member> members = new CopyOnWriteArrayList<>();
    private final AtomicLong numbers = new AtomicLong();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean faults = true;
    private volatile boolean traffic = true;

    /** A node behind a relay, in its present incarnation. */
    private final class Member implements Link.Listener {
        final String name;
        final Relay relay = new Relay();
        volatile int slow;
        volatile JGroupsWire wire;
        volatile SessionLink link;
        volatile Link recorded;
        volatile View view;

        Member(String name) throws Exception {
            this.name = name;
            start();
        }

        final void start() throws Exception {
            List<InetSocketAddress> seeds =
                    members.stream().map(member -> member.relay.address()).toList();
            for (int attempts = ATTEMPTS; ; attempts--) {
                WireSettings plain = Wires.settings(name, 0, List.of(Wires.COOKIE), seeds);
                WireSettings settings = Wires.settings(
                        plain.self(),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), relay.newTarget()),
                        Optional.of(relay.address()),
                        plain.seeds(),
                        plain.cluster(),
                        plain.cookie(),
                        plain.timing());
                LinkContract.Log log = contract.log(plain.self());
                try {
                    link = SessionLink.start(
                            (SessionLink.Opener<Exception>) listener -> wire = JGroupsWire.start(settings, listener),
                            log.listener(this),
                            Time.over(clock),
                            CAPACITY,
                            SessionLink.STALL);
                    recorded = log.link(link);
                    return;
                } catch (WireException e) {
                    // Its last incarnation may still be a member, or the connection to a seed was cut.
                    if (attempts == 0) {
                        throw e;
                    }
                }
            }
        }

        /** Connects to another node. An attempt that times out after a cut continues in the background. */
        void connect(Member other) throws Exception {
            for (int attempts = ATTEMPTS; ; attempts--) {
                try {
                    wire.connect(other.relay.address());
                    return;
                } catch (WireException e) {
                    if (e.code() == WireException.Code.TIMEOUT) {
                        return;
                    }
                    if (attempts == 0) {
                        throw e;
                    }
                }
            }
        }

        void close() throws IOException {
            link.close();
            relay.close();
        }

        private void linger() {
            if (slow > 0) {
                try {
                    TimeUnit.MILLISECONDS.sleep(slow);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        @Override
        public void view(View next) {
            view = next;
            linger();
        }

        @Override
        public void opened(Peer peer) {
            linger();
        }

        @Override
        public void closed(Peer peer) {
            linger();
        }

        @Override
        public void suspected(Peer peer, boolean suspect) {}

        @Override
        public void received(Peer from, byte[] envelope) {
            linger();
        }
    }

    @AfterEach
    void close() throws Exception {
        faults = false;
        traffic = false;
        for (Member member : members) {
            member.close();
        }
        clock.shutdownNow();
    }

    @Test
    void theContractHoldsWhileWiresAreCutAndNodesComeAndGo() throws Exception {
        long seed = Long.getLong("link.seed", new Random().nextLong());
        var random = new Random(seed);
        for (String name : NAMES) {
            members.add(new Member(name));
        }
        List<Thread> senders = new ArrayList<>();
        for (Member member : members) {
            var chosen = new Random(random.nextLong());
            senders.add(startThread(() -> send(member, chosen)));
            var other = new Random(random.nextLong());
            senders.add(startThread(() -> send(member, other)));
        }
        var cutting = new Random(random.nextLong());
        Thread cutter = startThread(() -> cut(cutting));
        long end = System.nanoTime()
                + Duration.ofSeconds(Integer.getInteger("link.seconds", 10)).toNanos();
        while (System.nanoTime() < end) {
            TimeUnit.MILLISECONDS.sleep(random.nextInt(700));
            disturb(random);
        }
        faults = false;
        cutter.join();
        members.forEach(member -> member.slow = 0);
        awaitOneView(seed);
        traffic = false;
        for (Thread sender : senders) {
            sender.join();
        }
        awaitKept(seed);
        // Nothing fails from here on: the next envelopes, in many batches, must arrive in the present sessions.
        contract.calm();
        for (Member from : members) {
            for (Member to : members) {
                for (int i = 0; i < 100; i++) {
                    from.recorded.send(to.wire.self(), envelope(10_000), TimeUnit.SECONDS.toNanos(10));
                }
            }
        }
        awaitKept(seed);
        assertThat(failures).as("seed %d", seed).isEmpty();
        assertThat(alive())
                .as("envelopes arrived and sessions ended")
                .allSatisfy(peer ->
                        assertThat(contract.log(peer).events()).hasAtLeastOneElementOfType(Event.Received.class))
                .anySatisfy(
                        peer -> assertThat(contract.log(peer).events()).hasAtLeastOneElementOfType(Event.Closed.class));
    }

    private interface Task {
        void run() throws Exception;
    }

    private Thread startThread(Task task) {
        return Thread.ofVirtual().start(() -> {
            try {
                task.run();
            } catch (Throwable e) {
                failures.add(e);
            }
        });
    }

    private byte[] envelope(int size) {
        return ByteBuffer.allocate(Math.max(8, size))
                .putLong(numbers.incrementAndGet())
                .array();
    }

    private void send(Member from, Random random) throws InterruptedException {
        while (traffic) {
            Peer to = members.get(random.nextInt(members.size())).wire.self();
            Link link = from.recorded;
            switch (random.nextInt(200)) {
                case 0 -> {
                    for (int i = 0; i < 120; i++) {
                        link.post(to, envelope(2_000));
                    }
                }
                case 1 -> link.post(to, envelope(300_000));
                case 2, 3, 4 -> link.offer(to, envelope(random.nextInt(60_000)));
                case 5, 6, 7, 8, 9 -> link.send(to, envelope(random.nextInt(20_000)), 20_000_000);
                default -> {
                    if (random.nextBoolean()) {
                        link.offer(to, envelope(random.nextInt(300)));
                    } else {
                        link.post(to, envelope(random.nextInt(300)));
                    }
                }
            }
            TimeUnit.MICROSECONDS.sleep(random.nextInt(3_000));
        }
    }

    private void cut(Random random) throws InterruptedException {
        while (faults) {
            Member member = members.get(random.nextInt(members.size()));
            if (random.nextInt(3) > 0) {
                member.relay.cut();
            } else {
                member.slow = random.nextBoolean() ? random.nextInt(20) : 0;
            }
            TimeUnit.MILLISECONDS.sleep(random.nextInt(800));
        }
    }

    private void disturb(Random random) throws Exception {
        int which = random.nextInt(members.size());
        Member member = members.get(which);
        Member other = members.get((which + 1 + random.nextInt(members.size() - 1)) % members.size());
        boolean leaves = random.nextBoolean();
        if (leaves) {
            member.wire.disconnect();
        } else {
            member.link.close();
        }
        TimeUnit.MILLISECONDS.sleep(random.nextInt(300));
        if (leaves) {
            member.connect(other);
        } else {
            member.start();
        }
    }

    private Set<Peer> alive() {
        return members.stream().map(member -> member.wire.self()).collect(Collectors.toSet());
    }

    private void awaitOneView(long seed) {
        Set<Peer> all = alive();
        Wires.await(
                () -> members.stream().map(member -> member.view).toList() + ", but alive are " + all + ", seed "
                        + seed,
                () -> members.stream()
                        .allMatch(member -> Set.copyOf(member.view.members()).equals(all)));
    }

    private void awaitKept(long seed) {
        Wires.await(
                () -> "seed " + seed + ": "
                        + contract.violations(alive()).stream().limit(5).toList(),
                () -> contract.violations(alive()).isEmpty());
    }
}
