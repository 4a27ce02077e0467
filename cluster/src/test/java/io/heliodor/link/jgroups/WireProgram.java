package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import io.heliodor.link.SessionLink;
import io.heliodor.link.View;
import io.heliodor.link.Wire;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A wire in its own process. It prints each notification in a line, and ends with its input. A line of input is the
 * name of a member and the text to send to it. {@code flood} and a name sends all bytes that a session may have in
 * flight.
 */
final class WireProgram {
    private static final int PACKET = 10_000;
    private static final int FLOOD = SessionLink.CAPACITY / 2 + SessionLink.MAX_ENVELOPE;
    private static volatile View view;

    private WireProgram() {}

    /** Arguments: name, then ports of seeds. The system property {@code verify} is the time of a verification. */
    public static void main(String[] args) throws Exception {
        WireSettings settings = settings(args[0], List.of(args).subList(1, args.length));
        try (JGroupsWire wire = JGroupsWire.start(settings, new Printer())) {
            print("started " + wire.address().getPort());
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))
                    .lines()
                    .forEach(line -> execute(wire, line.split(" ", 2)));
        }
        print("closed");
    }

    static WireSettings settings(String name, List<String> ports) {
        List<InetSocketAddress> seeds = ports.stream()
                .map(port -> new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port)))
                .toList();
        WireSettings settings = Wires.settings(name, 0, List.of(Wires.COOKIE), seeds);
        Timing usual = Timing.defaults();
        Duration verify =
                Duration.parse(System.getProperty("verify", usual.verify().toString()));
        return Wires.settings(
                settings.self(),
                settings.bind(),
                settings.advertised(),
                settings.seeds(),
                settings.cluster(),
                settings.cookie(),
                new Timing(
                        usual.heartbeat(),
                        usual.exclusionTimeout(),
                        verify,
                        usual.join(),
                        usual.merge(),
                        usual.handshake()));
    }

    private static void execute(JGroupsWire wire, String[] words) {
        boolean flood = words[0].equals("flood");
        String name = flood ? words[1] : words[0];
        Peer to = view.members().stream()
                .filter(peer -> peer.node().startsWith(name + "@"))
                .findFirst()
                .orElseThrow();
        Thread.ofVirtual().start(() -> {
            try {
                if (!flood) {
                    wire.send(to, words[1].getBytes(StandardCharsets.UTF_8));
                }
                for (int i = 0; flood && i < FLOOD / PACKET; i++) {
                    wire.send(to, new byte[PACKET]);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    static synchronized void print(String line) {
        System.out.println(line);
        System.out.flush();
    }

    static void printView(View view) {
        print("view "
                + view.members().stream()
                        .map(peer -> peer.node().split("@", -1)[0])
                        .sorted()
                        .collect(Collectors.joining(" ")));
    }

    static void printSuspicion(Peer peer, boolean suspect) {
        print((suspect ? "suspect " : "alive ") + peer.node().split("@", -1)[0]);
    }

    private static final class Printer implements Wire.Listener {
        @Override
        public void view(View next) {
            view = next;
            printView(next);
        }

        @Override
        public void suspected(Peer peer, boolean suspect) {
            printSuspicion(peer, suspect);
        }

        @Override
        public void wayEnded(Peer to) {}

        @Override
        public void received(Peer from, byte[] bytes, int offset, int length) {
            if (length < 1_000) {
                print("packet " + new String(bytes, offset, length, StandardCharsets.UTF_8));
            }
        }
    }
}
