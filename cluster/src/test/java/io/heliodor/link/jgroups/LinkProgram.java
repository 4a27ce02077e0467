package io.heliodor.link.jgroups;

import io.heliodor.link.Link;
import io.heliodor.link.LinkContract.Event;
import io.heliodor.link.LinkLines;
import io.heliodor.link.LinkRecorder;
import io.heliodor.link.Peer;
import io.heliodor.link.SessionLink;
import io.heliodor.link.Time;
import io.heliodor.link.View;
import io.heliodor.link.ViewId;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A link over a real wire in its own process. It sends to all members, records all events in a file with the name of
 * its peer, and prints views and suspicions as {@link WireProgram} does. After {@code quiet} it sends no more. With
 * {@code calm} it records that nothing fails from here on, and sends some envelopes again. It ends with its input.
 */
final class LinkProgram {
    private static final int CAPACITY = 200_000;

    private final Random random = new Random();
    private final AtomicLong numbers = new AtomicLong();
    private final LinkLines lines;
    private final Link link;
    private volatile View view;
    private volatile boolean traffic = true;

    private LinkProgram(WireSettings settings, Path folder, ScheduledExecutorService clock) throws Exception {
        view = new View(new ViewId(0, settings.self()), List.of(settings.self()), false);
        lines = new LinkLines(folder.resolve(settings.self().toString()));
        var recorder =
                new LinkRecorder(lines, envelope -> ByteBuffer.wrap(envelope).getLong());
        link = recorder.link(SessionLink.start(
                (SessionLink.Opener<Exception>) listener -> {
                    JGroupsWire wire = JGroupsWire.start(settings, listener);
                    WireProgram.print("started " + wire.address().getPort());
                    return wire;
                },
                recorder.listener(new Printer()),
                Time.over(clock),
                CAPACITY,
                SessionLink.STALL));
        WireProgram.print("peer " + settings.self());
    }

    /** Arguments: name, the folder for recordings, then ports of seeds. */
    public static void main(String[] args) throws Exception {
        List<String> seeds = List.of(args).subList(2, args.length);
        try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
            var program = new LinkProgram(WireProgram.settings(args[0], seeds), Path.of(args[1]), clock);
            Thread sender = Thread.ofVirtual().start(program::send);
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                    .lines()
                    .forEach(program::execute);
            program.traffic = false;
            sender.join();
            program.link.close();
            program.lines.close();
        }
    }

    private void execute(String line) {
        traffic = false;
        if (line.equals("calm")) {
            lines.add(new Event.Calm());
            Thread.ofVirtual().start(this::sendInCalm);
        }
    }

    private byte[] envelope(int size) {
        return ByteBuffer.allocate(Math.max(8, size))
                .putLong(numbers.incrementAndGet())
                .array();
    }

    private void send() {
        try {
            while (traffic) {
                List<Peer> members = view.members();
                Peer to = members.get(random.nextInt(members.size()));
                switch (random.nextInt(100)) {
                    case 0 -> {
                        for (int i = 0; i < 120; i++) {
                            link.post(to, envelope(2_000));
                        }
                    }
                    case 1 -> link.post(to, envelope(300_000));
                    case 2, 3, 4 -> link.send(to, envelope(random.nextInt(20_000)), 20_000_000);
                    case 5, 6, 7, 8, 9 -> link.offer(to, envelope(random.nextInt(20_000)));
                    default -> link.post(to, envelope(random.nextInt(300)));
                }
                TimeUnit.MICROSECONDS.sleep(random.nextInt(4_000));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sends more than one batch holds, so that many batches must arrive in order. */
    private void sendInCalm() {
        try {
            for (int i = 0; i < 100; i++) {
                for (Peer to : view.members()) {
                    link.send(to, envelope(10_000), 10_000_000_000L);
                }
            }
            WireProgram.print("calm");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Printer implements Link.Listener {
        @Override
        public void view(View next) {
            view = next;
            WireProgram.printView(next);
        }

        @Override
        public void opened(Peer peer) {}

        @Override
        public void closed(Peer peer) {}

        @Override
        public void suspected(Peer peer, boolean suspect) {
            WireProgram.printSuspicion(peer, suspect);
        }

        @Override
        public void received(Peer from, byte[] envelope) {}
    }
}
