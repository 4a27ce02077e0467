package io.heliodor.examples;

import static io.heliodor.examples.RoomEvents.NOTICE;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Channels;
import io.heliodor.channel.Context;
import io.heliodor.channel.InfoMessage;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Socket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.examples.RoomChannel.Mute;
import io.heliodor.examples.RoomEvents.Notice;
import io.heliodor.pubsub.PubSub;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Messages that the server sends by itself. */
final class ServerSide {
    static final Event<Notice> ESCALATE = Event.of("escalate", Notice.class);

    private ServerSide() {}

    static void announce(PubSub pubsub) {
        // @start region=broadcast
        Channels channels = Channels.over(pubsub);
        channels.broadcast("room:lobby", NOTICE, new Notice("maintenance at noon"));
        // @end
    }

    static Channel<Object, Empty> desk() {
        // @start region=elsewhere
        return Channel.join(join -> Join.ok(Empty.EMPTY))
                .on(ESCALATE, (notice, desk) -> {
                    desk.channels().broadcast("room:ops", NOTICE, notice);
                    return NoReply.none();
                })
                .build();
        // @end
    }

    static void mute(Endpoint endpoint) {
        // @start region=publish
        endpoint.pubsub().broadcast(RoomChannel.MUTES, new Mute("42", "ann"));
        // @end
    }

    static CompletionStage<Integer> shipped(Channels channels) {
        // @start region=push
        CompletionStage<Integer> devices = channels.push("users:42", NOTICE, new Notice("your order was shipped"));
        // @end
        return devices;
    }

    static int welcome(Channels channels) {
        // @start region=sockets
        for (Socket<?> socket : channels.localConnections("users:42")) {
            socket.push(NOTICE, new Notice("you have signed in from " + socket.remoteAddress()));
        }
        int here = channels.localMembers("room:lobby").size();
        int everywhere = channels.memberCount("room:lobby");
        // @end
        return everywhere - here;
    }

    static void disconnect(Channels channels) {
        // @start region=disconnect
        channels.disconnect("users:42");
        // @end
    }

    // @start region=kick
    record Kicked(String reason) {}

    static final Event<Kicked> KICKED = Event.of("kicked", Kicked.class);

    static void kick(Channels channels) {
        channels.kick("users:42", KICKED, new Kicked("spam"));
    }
    // @end

    static void remove(Channels channels) {
        // @start region=remove
        channels.remove("users:42", "room:lobby");
        // @end
    }

    /** A channel with a timer that pushes a count to its client. */
    // @start region=tell
    record Count(int value) {}

    static final InfoMessage<Empty> TICK = InfoMessage.of("tick", Empty.class);

    static final Event<Count> COUNT = Event.of("count", Count.class);

    static Channel<Object, Integer> counter(ScheduledExecutorService timer, Duration period) {
        return Channel.join(join -> Join.ok(0))
                .onJoined(room -> start(room, timer, period))
                .onInfo(TICK, (tick, room) -> {
                    room.update(count -> count + 1);
                    return room.push(COUNT, new Count(room.assigns()));
                })
                .build();
    }

    private static void start(Context<?, Integer> room, ScheduledExecutorService timer, Duration period) {
        long nanos = period.toNanos();
        ScheduledFuture<?> ticks =
                timer.scheduleAtFixedRate(() -> room.send(TICK, Empty.EMPTY), nanos, nanos, TimeUnit.NANOSECONDS);
        room.onEnd(() -> ticks.cancel(false));
    }
    // @end
}
