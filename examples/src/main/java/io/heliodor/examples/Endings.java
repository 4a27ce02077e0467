package io.heliodor.examples;

import io.heliodor.channel.Call;
import io.heliodor.channel.Channel;
import io.heliodor.channel.Empty;
import io.heliodor.channel.Event;
import io.heliodor.channel.Join;
import io.heliodor.channel.Leaving;
import io.heliodor.channel.Reply;
import io.heliodor.channel.Stop;
import java.util.function.Consumer;

/** How a channel ends, and who is told. */
final class Endings {
    private Endings() {}

    record Secret(String word) {}

    static final Event<Empty> BYE = Event.empty("bye");
    static final Call<Secret, Empty> GUESS = Call.of("guess", Secret.class, Empty.class);

    static Channel<Object, String> channel(Consumer<String> log) {
        // @start region=stop
        return Channel.join((Join<Object> join) -> Join.ok(join.subtopic()))
                .on(BYE, (nothing, room) -> Stop.because("said goodbye"))
                .on(GUESS, (guess, room) -> {
                    if (guess.word().equals("heliodor")) {
                        return Reply.ok();
                    }
                    return Stop.because("guessed wrong").replying(Reply.error("wrong"));
                })
                .onLeave((why, room) -> log.accept(room.assigns() + ": " + describe(why)))
                .build();
        // @end
    }

    // @start region=leaving
    static String describe(Leaving why) {
        return switch (why) {
            case Leaving.Left left -> "left";
            case Leaving.Stopped(var reason) -> "stopped: " + reason;
            case Leaving.Failed(var cause) -> "failed: " + cause;
            case Leaving.Replaced replaced -> "joined again";
            case Leaving.Disconnected disconnected -> "connection lost";
            case Leaving.HeartbeatTimeout timeout -> "silent for too long";
            case Leaving.Closed closed -> "connection closed by the server";
            case Leaving.Draining draining -> "server stops";
        };
    }
    // @end
}
