package io.heliodor.benchmarks.crowd;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.presence.Owner;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A server with many presences without connections on its topics, otherwise like the playground's rooms.
 *
 * <p>Arguments: the number of topics ({@code room:0} and so on), and of presences on each. It prints {@code memory HEAP
 * RESIDENT}, the bytes of these presences: live objects, and memory of the process. Then it prints its address.
 */
public final class Crowd {
    record Online(long online_at) {}

    record Enter(Optional<String> user) {}

    private static final Event<Raw> READY = Event.of("ready", Raw.class);

    private Crowd() {}

    /** Runs the server until a signal ends the process. */
    public static void main(String[] arguments) throws Exception {
        int topics = Integer.parseInt(arguments[0]);
        int present = Integer.parseInt(arguments[1]);
        PubSub pubsub = PubSub.local();
        Presence<Online> presence = Presence.over(pubsub, Online.class);
        fill(presence, "warm-up:", 1, 1).forEach(Owner::close);

        long heap = liveBytes();
        long resident = residentBytes();
        fill(presence, "room:", topics, present);
        System.out.println("memory " + (liveBytes() - heap) + " " + (residentBytes() - resident));

        Channel<Object, Enter> room = Channel.join(Enter.class, (enter, join) -> Join.ok(enter))
                .onJoined(context -> context.assigns()
                        .user()
                        .ifPresent(user -> presence.track(context, user, new Online(System.currentTimeMillis()))))
                .build();
        // The topics of ready bytes: ready:858000 pushes that many. All members share them.
        Map<String, Raw> bytes = new ConcurrentHashMap<>();
        Channel<Object, Empty> ready = Channel.join(join -> Join.ok(Empty.EMPTY))
                .on(
                        READY,
                        (_, context) ->
                                context.push(READY, bytes.computeIfAbsent(context.subtopic(), Crowd::readyBytes)))
                .build();
        Endpoint endpoint = Endpoint.builder()
                .port(0)
                .pubsub(pubsub)
                .socket(
                        "/socket",
                        UserSocket.connect(connect -> Connect.ok((Object) Empty.EMPTY))
                                .channel("room:*", room)
                                .channel("ready:*", ready)
                                .build())
                .build()
                .start();
        System.out.println("listening on http://127.0.0.1:" + endpoint.port());
        Thread.currentThread().join();
    }

    private static Raw readyBytes(String length) {
        String head = "{\"ready\":\"";
        String tail = "\"}";
        int filled = Integer.parseInt(length) - head.length() - tail.length();
        return Raw.of(head + "x".repeat(filled) + tail);
    }

    /** Creates separate topics, keys and metas for each presence, as joins of clients do. */
    private static List<Owner> fill(Presence<Online> presence, String prefix, int topics, int present) {
        List<Owner> owners = new ArrayList<>(topics * present);
        for (int topic = 0; topic < topics; topic++) {
            for (int i = 0; i < present; i++) {
                Owner owner = Owner.of(prefix + topic);
                presence.track(owner, "present-" + topic + "-" + i, new Online(System.currentTimeMillis()));
                owners.add(owner);
            }
        }
        return owners;
    }

    private static long liveBytes() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long residentBytes() throws IOException {
        return Files.readString(Path.of("/proc/self/status"))
                .lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElse(0);
    }
}
