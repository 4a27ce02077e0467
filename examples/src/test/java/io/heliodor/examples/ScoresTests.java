package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.UserSocket;
import io.heliodor.examples.Scores.Score;
import io.heliodor.examples.Scores.Scored;
import io.heliodor.examples.Scores.State;
import io.heliodor.testkit.ChannelKit;
import io.heliodor.testkit.HeldJoin;
import io.heliodor.testkit.TestChannel;
import org.junit.jupiter.api.Test;

/** The points of a game, to which a page adds each change. */
class ScoresTests {
    private static final int JOINS = 300;

    @Test
    void aPageThatJoinsWhileOthersScoreHasTheScoreInTheEnd() throws InterruptedException {
        UserSocket<Object> socket =
                UserSocket.open().channel("game:*", Scores.channel(new Score())).build();
        try (ChannelKit kit = ChannelKit.start(socket)) {
            TestChannel ann = kit.connect().join("game:1");
            for (int n = 1; n <= JOINS; n++) {
                Thread scoring = Thread.ofVirtual().start(() -> ann.push(Scores.SCORED, new Scored(1)));
                TestChannel page = kit.connect().join("game:1");
                scoring.join();
                ann.expectNext(Scores.SCORED);
                int points = page.reply(State.class).points();
                if (points < n) {
                    points += page.expectNext(Scores.SCORED).points();
                }
                assertThat(points).isEqualTo(n);
                page.expectNothing();
                page.client().disconnect();
            }
        }
    }

    @Test
    void aPageGetsEachChangeOnceThatComesWhileItJoins() {
        UserSocket<Object> socket =
                UserSocket.open().channel("game:*", Scores.channel(new Score())).build();
        try (ChannelKit kit = ChannelKit.start(socket)) {
            // @start region=held
            TestChannel ann = kit.connect().join("game:1");
            HeldJoin join = kit.connect().holdJoin("game:1");
            ann.push(Scores.SCORED, new Scored(1));
            ann.expect(Scores.SCORED);
            join.handle(); // reads the score
            ann.push(Scores.SCORED, new Scored(2));
            ann.expect(Scores.SCORED);

            TestChannel page = join.joined();
            assertThat(page.reply(State.class)).isEqualTo(new State(1));
            assertThat(page.expectNext(Scores.SCORED)).isEqualTo(new Scored(2));
            page.expectNothing();
            // @end
        }
    }
}
