package io.heliodor.link.jgroups;

import io.heliodor.link.Peer;
import io.heliodor.link.jgroups.socket.CookieSecret;
import io.heliodor.link.jgroups.socket.ProtocolVersions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import org.awaitility.Awaitility;

/** Several wires in this JVM, over loopback. */
final class Wires implements AutoCloseable {
    static final CookieSecret COOKIE = new CookieSecret("a cookie of 31 characters, no less");
    static final Timing TIMING = new Timing(
            Duration.ofMillis(500),
            Duration.ofSeconds(6),
            Duration.ofMillis(300),
            Duration.ofMillis(300),
            Duration.ofSeconds(2),
            Duration.ofSeconds(2));

    static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<JGroupsWire> open = new CopyOnWriteArrayList<>();

    /** A wire and the record of its notifications. */
    record Started(JGroupsWire wire, Witness witness) {
        Peer peer() {
            return wire.self();
        }

        void send(Peer to, String text) throws InterruptedException {
            wire.send(to, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    Started start(String name, Started... seeds) throws Exception {
        return start(name, 0, List.of(COOKIE), seeds);
    }

    Started start(String name, int port, List<CookieSecret> cookie, Started... seeds) throws Exception {
        return start(settings(
                name,
                port,
                cookie,
                Stream.of(seeds).map(seed -> seed.wire().address()).toList()));
    }

    Started start(WireSettings settings) throws Exception {
        Witness witness = new Witness();
        JGroupsWire wire = JGroupsWire.start(settings, witness);
        open.add(wire);
        return new Started(wire, witness);
    }

    static WireSettings settings(String name, int port, List<CookieSecret> cookie, List<InetSocketAddress> seeds) {
        return settings(
                new Peer(name + "@127.0.0.1", ThreadLocalRandom.current().nextLong() >>> 1),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                Optional.empty(),
                SeedAddresses.of(seeds),
                "test",
                cookie,
                TIMING);
    }

    static WireSettings settings(
            Peer self,
            InetSocketAddress bind,
            Optional<InetSocketAddress> advertised,
            SeedAddresses seeds,
            String cluster,
            List<CookieSecret> cookie,
            Timing timing) {
        return new WireSettings(
                self,
                bind,
                advertised,
                seeds,
                cluster,
                cookie,
                timing,
                false,
                ProtocolVersions.PRESENT,
                Optional.empty());
    }

    /** The same settings with other versions of the protocol, or with keys of the user for TLS. */
    static WireSettings with(WireSettings usual, ProtocolVersions versions, Optional<SSLContext> tls) {
        return new WireSettings(
                usual.self(),
                usual.bind(),
                usual.advertised(),
                usual.seeds(),
                usual.cluster(),
                usual.cookie(),
                usual.timing(),
                usual.voters(),
                versions,
                tls);
    }

    static void awaitMembers(Started on, Started... members) {
        awaitMembers(on.witness(), Stream.of(members).map(Started::peer).toList());
    }

    static void awaitMembers(Witness on, List<Peer> members) {
        await(on::toString, () -> {
            var last = on.views.isEmpty() ? List.<Peer>of() : on.views.getLast().members();
            return last.size() == members.size() && last.containsAll(members);
        });
    }

    static void awaitPacket(Started on, String packet) {
        await(on.witness()::toString, () -> on.witness().packets.contains(packet));
    }

    /** Waits for a condition, and fails with the state if it does not come true. */
    static void await(Supplier<String> state, BooleanSupplier condition) {
        Awaitility.await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).untilAsserted(() -> {
            if (!condition.getAsBoolean()) {
                throw new AssertionError(state.get());
            }
        });
    }

    @Override
    public void close() {
        open.forEach(JGroupsWire::close);
    }
}
