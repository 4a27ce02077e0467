package io.heliodor.interop.attack;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.interop.attack.Client.Trait;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** One publisher that sends many broadcasts in a row, and members that read and check them. */
final class Burst {
    private final Reactor reactor;
    private final int port;
    private final Size size;
    private final String topic;
    private final String text;
    private final List<Long> checksums = new ArrayList<>();
    private final List<Member> members = new ArrayList<>();
    private final CountDownLatch finished;
    private final long begun = System.nanoTime();
    private @Nullable Client publisher;
    private int joined;

    /**
     * The size of a burst.
     *
     * @param members that must get each message; a {@code shout} comes back to the publisher as well
     * @param messages in a row
     * @param bytes of each message, about
     * @param event {@code shout} or {@code whisper}
     */
    record Size(int members, int messages, int bytes, String event) {
        @Override
        public String toString() {
            return messages + " times " + event + " of " + bytes + " bytes to " + members;
        }
    }

    Burst(Reactor reactor, int port, String topic, Size size) {
        this.reactor = reactor;
        this.port = port;
        this.topic = topic;
        this.size = size;
        text = Frames.text(size.bytes);
        finished = new CountDownLatch(size.members + (size.event.equals("shout") ? 1 : 0));
    }

    /** Connects all; the publisher begins when the last one has joined. */
    void begin() {
        reactor.execute(() -> {
            for (int i = 0; i < size.members; i++) {
                connect(new Member());
            }
            publisher = connect(new Member());
        });
    }

    private Client connect(Member member) {
        members.add(member);
        // For half of them little waits in a kernel instead of in the server.
        Set<Trait> traits = members.size() % 2 == 0 ? Set.of() : Set.of(Trait.SMALL_BUFFER);
        return new Client(reactor, port, traits, member);
    }

    private void publish() {
        Client sender = publisher;
        if (sender != null) {
            sender.sendFrom(() -> checksums.size() < size.messages ? next() : null);
        }
    }

    private ByteBuffer next() {
        String payload = "{\"n\":" + (checksums.size() + 1) + ",\"x\":\"" + text + "\"}";
        CRC32C checksum = new CRC32C();
        checksum.update(("[null,null,\"" + topic + "\",\"" + size.event + "\"," + payload + "]").getBytes(UTF_8));
        checksums.add(checksum.getValue());
        return Frames.push("2", topic, size.event, payload);
    }

    /** Waits until each member has all; returns the faults, in plain words. */
    List<String> await(Duration deadline) throws InterruptedException {
        boolean all = finished.await(deadline.toMillis(), TimeUnit.MILLISECONDS);
        Duration took = Duration.ofNanos(System.nanoTime() - begun);
        return reactor.get(() -> {
            List<String> problems = new ArrayList<>();
            add(
                    problems,
                    "closed",
                    members.stream().map(member -> member.closed).toList());
            add(
                    problems,
                    "got wrong",
                    members.stream().map(member -> member.wrong).toList());
            long incomplete = members.stream().filter(Member::isIncomplete).count();
            if (!all) {
                problems.add(incomplete + " members miss messages");
            }
            members.forEach(Member::leave);
            System.out.println(
                    size + (problems.isEmpty() ? ": whole after " + took.toMillis() + " ms" : ": " + problems));
            return problems.stream().map(problem -> size + ": " + problem).toList();
        });
    }

    private static void add(List<String> problems, String what, Collection<String> found) {
        TreeMap<String, Long> counts = found.stream()
                .filter(one -> !one.isEmpty())
                .collect(Collectors.groupingBy(one -> one, TreeMap::new, Collectors.counting()));
        counts.entrySet().stream()
                .limit(3)
                .forEach(count -> problems.add(count.getValue() + " members " + what + " " + count.getKey()));
    }

    private final class Member implements Client.Handler {
        private @Nullable Client client;
        private boolean isIn;
        private int received;
        private String closed = "";
        private String wrong = "";

        @Override
        public void opened(Client opened) {
            client = opened;
            opened.onMessage(this::message);
            opened.send(Frames.join(topic));
        }

        @Override
        public void closed(Client lost, int code) {
            closed = "with " + code;
            finished.countDown();
            if (lost == publisher) {
                // No further message comes, so await must not wait for one.
                members.forEach(member -> finished.countDown());
            }
        }

        void leave() {
            if (client != null) {
                client.connection().close();
            }
        }

        boolean isIncomplete() {
            return received < size.messages && (client != publisher || size.event.equals("shout"));
        }

        private void message(MessageReader message) {
            if (!isIn) {
                isIn = true;
                if (++joined == members.size()) {
                    publish();
                }
                return;
            }
            if (wrong.isEmpty()
                    && (message.number() != received + 1 || message.checksum() != checksums.get(received))) {
                wrong = "message " + message.number() + " in the place of " + (received + 1);
            }
            if (++received == size.messages) {
                finished.countDown();
            }
        }
    }
}
