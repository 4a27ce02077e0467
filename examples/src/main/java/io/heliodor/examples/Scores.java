package io.heliodor.examples;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.event.Event;
import java.time.Duration;

/** The points of a game: a page adds each change to the number that it got with the reply to its join. */
final class Scores {
    private Scores() {}

    record Scored(int points) {}

    record State(int points) {}

    static final Event<Scored> SCORED = Event.of("scored", Scored.class);

    /** The score, which its own lock guards. */
    static final class Score {
        int points;
    }

    static Channel<Object, Score> channel(Score score) {
        // @start region=state
        return Channel.join(join -> {
                    synchronized (score) {
                        return Join.ok(score, new State(score.points)).since(join.position());
                    }
                })
                .on(SCORED, (scored, game) -> {
                    synchronized (score) {
                        score.points += scored.points();
                        return game.broadcast(SCORED, scored);
                    }
                })
                .history(History.of(500, Duration.ofMinutes(10), SCORED))
                .build();
        // @end
    }
}
