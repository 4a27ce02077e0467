package io.heliodor.benchmarks.across;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Event;
import io.heliodor.node.Cookie;
import io.heliodor.node.Node;
import io.heliodor.node.StartException;
import io.heliodor.node.Statistic;
import io.heliodor.presence.Owner;
import io.heliodor.presence.Presence;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;

/**
 * Counts the bytes that the first of three nodes sends to the others: for changes of presence with growing populations, for
 * broadcasts to a topic without members elsewhere, and for kept ones. It prints a line for each, then its address, and waits.
 */
public final class NodeBytes {
    private static final Cookie COOKIE = Cookie.of("a-cookie-for-these-benchmarks");
    private static final Event<Note> NOTE = Event.of("note", Note.class);
    private static final String TOPIC = "room:0";
    private static final int[] PRESENT = {1_000, 10_000, 100_000};
    private static final int CHANGES = 50;
    private static final int MESSAGES = 2_000;
    private static final long PAUSE_MILLIS = 40;

    /** Bytes of a second in which nothing happens. */
    private static final long QUIET = 20_000;

    record Online(long online_at) {}

    record Note(String text) {}

    /** The bytes that went out in a time. */
    private record Sent(long bytes, double seconds) {
        /** Bytes for each of some events, without those that go out when nothing happens. */
        double forEach(int events, Sent idle) {
            return (bytes - idle.bytes / idle.seconds * seconds) / events;
        }
    }

    private interface Work {
        void run() throws Exception;
    }

    private final List<Node> nodes;

    private NodeBytes(List<Node> nodes) {
        this.nodes = nodes;
    }

    /** Runs until the process ends. */
    public static void main(String[] arguments) throws Exception {
        Node first = start("n1@127.0.0.1", List.of());
        String seed = "127.0.0.1:" + first.port();
        NodeBytes program = new NodeBytes(
                List.of(first, start("n2@127.0.0.1", List.of(seed)), start("n3@127.0.0.1", List.of(seed))));
        program.presence();
        program.broadcasts();
        System.out.println("listening on http://127.0.0.1:1");
        Thread.currentThread().join();
    }

    private static Node start(String name, List<String> seeds) throws StartException {
        return Node.builder(name)
                .bind("127.0.0.1", 0)
                .cookie(COOKIE)
                .seeds(seeds.toArray(String[]::new))
                .start();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            Thread.sleep(PAUSE_MILLIS);
        }
    }

    private Sent sent(Work work) throws Exception {
        long bytes = out();
        long from = System.nanoTime();
        work.run();
        return new Sent(out() - bytes, (System.nanoTime() - from) / 1e9);
    }

    private long out() {
        return nodes.getFirst().statistic(Statistic.TRAFFIC_OUT);
    }

    private Sent idle() throws Exception {
        while (sent(() -> Thread.sleep(1_000)).bytes() > QUIET) {
            // Something of before is still on its way.
        }
        return sent(() -> Thread.sleep(3_000));
    }

    private void presence() throws Exception {
        List<Presence<Online>> presences = nodes.stream()
                .map(node -> Presence.over(node.pubsub(), Online.class))
                .toList();
        Presence<Online> own = presences.getFirst();
        List<Owner> owners = new ArrayList<>();
        for (int present : PRESENT) {
            while (owners.size() < present) {
                Owner owner = Owner.of(TOPIC);
                own.track(owner, "user-" + owners.size(), new Online(System.currentTimeMillis()));
                owners.add(owner);
            }
            await(() -> presences.stream().allMatch(each -> each.count(TOPIC) == present));
            Sent idle = idle();
            Sent changes = sent(() -> {
                for (int i = 0; i < CHANGES; i++) {
                    try (Owner owner = Owner.of(TOPIC)) {
                        own.track(owner, "newcomer", new Online(System.currentTimeMillis()));
                        Thread.sleep(PAUSE_MILLIS);
                    }
                    Thread.sleep(PAUSE_MILLIS);
                }
            });
            print(changes.forEach(2 * CHANGES, idle), "to two others for a join or leave, " + present + " present");
        }
        presences.forEach(Presence::close);
    }

    private void broadcasts() throws Exception {
        List<Endpoint> endpoints = new ArrayList<>();
        for (Node node : nodes) {
            endpoints.add(serve(node));
        }
        Endpoint first = endpoints.getFirst();
        CompletableFuture<String> token = new CompletableFuture<>();
        WebSocket plain = join(first, "plain:0", new CompletableFuture<>());
        WebSocket kept = join(first, "kept:0", token);
        Sent idle = idle();
        Note note = new Note("x".repeat(100));
        Sent here = sent(() -> broadcast(first, "plain:0", note));
        Sent copies = sent(() -> broadcast(first, "kept:0", note));
        print(here.forEach(MESSAGES, idle), "for a broadcast of 100 bytes to members of this node alone");
        print(copies.forEach(MESSAGES, idle), "for a kept one, which has one copy");
        print(token.join().length(), "for a token of one publisher");
        WebSocket there = join(endpoints.get(1), "plain:0", new CompletableFuture<>());
        WebSocket third = join(endpoints.get(2), "plain:0", new CompletableFuture<>());
        Sent both = sent(() -> broadcast(first, "plain:0", note));
        print(both.forEach(MESSAGES, idle), "for one to members of the two others, too");
        List.of(plain, kept, there, third).forEach(WebSocket::abort);
        endpoints.forEach(Endpoint::close);
    }

    /** Slowly enough that nothing is dropped. */
    private static void broadcast(Endpoint endpoint, String topic, Note note) throws InterruptedException {
        for (int i = 0; i < MESSAGES; i++) {
            endpoint.channels().broadcast(topic, NOTE, note);
            if (i % 20 == 0) {
                Thread.sleep(5);
            }
        }
        Thread.sleep(1_000);
    }

    private static Endpoint serve(Node node) {
        Channel<Object, Integer> plain = Channel.join(join -> Join.ok(0)).build();
        Channel<Object, Integer> kept = Channel.join(join -> Join.ok(0))
                .history(History.of(100, Duration.ofMinutes(5), NOTE))
                .build();
        return Endpoint.builder()
                .port(0)
                .pubsub(node.pubsub())
                .socket(
                        "/socket",
                        UserSocket.open()
                                .channel("plain:*", plain)
                                .channel("kept:*", kept)
                                .build())
                .build()
                .start();
    }

    /** A client that has joined a topic; it completes with the token of the first kept message. */
    private static WebSocket join(Endpoint endpoint, String topic, CompletableFuture<String> token) throws IOException {
        CompletableFuture<String> joined = new CompletableFuture<>();
        WebSocket socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(
                        URI.create("ws://127.0.0.1:" + endpoint.port() + "/socket/websocket?vsn=2.0.0"),
                        new WebSocket.Listener() {
                            private final StringBuilder text = new StringBuilder();

                            @Override
                            public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
                                text.append(part);
                                if (last) {
                                    String message = text.toString();
                                    text.setLength(0);
                                    joined.complete(message);
                                    if (message.startsWith("[null,\"@")) {
                                        token.complete(message.substring(7, message.indexOf('"', 7)));
                                    }
                                }
                                from.request(1);
                                return CompletableFuture.completedStage(null);
                            }
                        })
                .join();
        var _ = socket.sendText("[\"1\",\"1\",\"" + topic + "\",\"phx_join\",{}]", true);
        if (!joined.join().contains("\"status\":\"ok\"")) {
            throw new IOException(topic + ": " + joined.join());
        }
        return socket;
    }

    private static void print(double figure, String unit) {
        System.out.println(String.format(Locale.ROOT, "%.1f %s", figure, unit));
    }
}
