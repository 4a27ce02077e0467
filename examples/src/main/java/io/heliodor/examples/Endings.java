package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.LeaveReason;
import io.heliodor.channel.Reply;
import io.heliodor.channel.Stop;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.Reason;
import java.util.function.Consumer;

/** The ways in which a channel ends, and its leave hook. */
final class Endings {
    private Endings() {}

    record Secret(String word) {}

    static final Event<Empty> BYE = Event.of("bye", Empty.class);
    static final Call<Secret, Empty, Reason> GUESS = Call.of("guess", Secret.class, Empty.class);

    static Channel<Object, String> channel(Consumer<String> log) {
        // @start region=stop
        return Channel.join(join -> Join.ok(join.subtopic()))
                .on(BYE, (nothing, room) -> Stop.because("goodbye"))
                .answer(GUESS, (guess, room) -> {
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
    static String describe(LeaveReason why) {
        return switch (why) {
            case LeaveReason.Left left -> "left";
            case LeaveReason.Stopped(var reason) -> "stopped: " + reason;
            case LeaveReason.Failed(var cause) -> "failed: " + cause;
            case LeaveReason.Replaced replaced -> "joined again";
            case LeaveReason.Removed removed -> "removed by the server";
            case LeaveReason.Unauthorized unauthorized -> "lost its right";
            case LeaveReason.Disconnected disconnected -> "connection lost";
            case LeaveReason.HeartbeatTimeout timeout -> "silent for too long";
            case LeaveReason.Closed closed -> "connection closed by the server";
            case LeaveReason.Draining draining -> "server stops";
        };
    }
    // @end
}
