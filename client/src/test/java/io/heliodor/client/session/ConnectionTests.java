package io.heliodor.client.session;

import static io.heliodor.client.session.Driver.MILLI;
import static io.heliodor.client.session.Driver.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.client.status.ConnectionStatus;
import io.heliodor.client.wire.Payload;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules 1 and 2: attempts, refusals, heartbeats. */
class ConnectionTests {
    @Test
    void nothingIsOpenedBeforeTheFirstJoin() {
        Driver client = new Driver();
        client.advance(100 * SECOND);
        assertThat(client.effects.take()).isEmpty();

        client.join(1, "t");
        assertThat(client.effects.take()).contains("open null");
    }

    @Test
    void connectOpensWithoutAJoin() {
        Driver client = new Driver();
        client.connect();
        assertThat(client.effects.take()).containsExactly("connection Connecting[]", "open null");
    }

    @Test
    void theDelayDoublesAndIsBetweenAHalfAndAll() {
        Driver client = new Driver();
        client.connect();
        for (long max : new long[] {100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000}) {
            client.effects.take();
            client.failed(0, 0);
            assertThat(client.step()).isBetween(max / 2 * MILLI, max * MILLI);
            assertThat(client.effects.take()).endsWith("open null");
        }
    }

    @Test
    void theDelayGrowsAfterAShortConnectionAndBeginsAnewAfterALongOne() {
        Driver client = new Driver();
        client.connect();
        for (int i = 0; i < 6; i++) {
            client.opened();
            client.advance(9 * SECOND);
            client.closed(1006);
            client.step();
        }
        client.opened();
        client.advance(10 * SECOND);
        client.closed(1006);
        assertThat(client.step()).isBetween(50 * MILLI, 100 * MILLI);
    }

    @ParameterizedTest
    @ValueSource(ints = {1002, 1007, 4400, 4401, 4403, 4429})
    void aFinalCloseCodeEndsTheAttempts(int code) {
        Driver client = new Driver().joined();
        client.closed(code);
        assertThat(client.state.status()).isInstanceOf(ConnectionStatus.Refused.class);
        client.effects.take();
        client.advance(100 * SECOND);
        client.join(2, "u");
        assertThat(client.effects.take()).noneMatch(line -> line.startsWith("open"));

        client.connect();
        assertThat(client.effects.take()).contains("open null");
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 1001, 1006, 1008, 1009, 1011, 1012, 1013, 4408, 4503, 4999})
    void anyOtherCloseCodeIsFollowedByAnAttempt(int code) {
        Driver client = new Driver().joined();
        client.closed(code);
        client.step();
        assertThat(client.effects.take()).contains("open null");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 403, 404, 426, 499})
    void aStatusOfTheClientIsFinal(int status) {
        Driver client = new Driver();
        client.connect();
        client.failed(status, 0);
        assertThat(client.state.status()).isEqualTo(new ConnectionStatus.Refused(status, 0, "failed"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 301, 408, 425, 429, 500, 503})
    void anyOtherStatusPasses(int status) {
        Driver client = new Driver();
        client.connect();
        client.failed(status, 30 * SECOND);
        assertThat(client.step()).isBetween(30 * SECOND, 60 * SECOND);
        assertThat(client.effects.take()).endsWith("open null");
    }

    @Test
    void aRefusedEventIsARefusal() {
        Driver client = new Driver();
        client.connect();
        client.opened();
        client.frame("[null,null,\"phoenix\",\"refused\",{\"status\":403,\"reason\":\"no\"}]");
        assertThat(client.effects.take()).endsWith("close 1000", "connection Refused[status=403, code=0, reason=no]");
    }

    @Test
    void aRefusedEventThatPassesHasAMinimumDelay() {
        Driver client = new Driver();
        client.connect();
        client.opened();
        client.frame("[null,null,\"phoenix\",\"refused\",{\"status\":503,\"reason\":\"no\",\"retry_after\":7}]");
        assertThat(client.step()).isBetween(7 * SECOND, 14 * SECOND);
    }

    @Test
    void everyAttemptHasAFreshToken() {
        Driver client = new Driver(true);
        client.connect();
        assertThat(client.effects.take()).containsExactly("connection Connecting[]", "fetch");
        client.fetched("a");
        assertThat(client.effects.take()).containsExactly("open a");
        client.failed(0, 0);
        client.step();
        client.fetched("b");
        assertThat(client.effects.take()).endsWith("fetch", "open b");
    }

    @Test
    void status401IsAnsweredWithAFreshTokenOnce() {
        Driver client = new Driver(true);
        client.connect();
        client.fetched("a");
        client.failed(401, 0);
        client.fetched("b");
        assertThat(client.effects.take()).endsWith("open b");
        client.failed(401, 0);
        assertThat(client.state.status()).isEqualTo(new ConnectionStatus.Refused(401, 0, "failed"));
    }

    @Test
    void aMessageBetweenTwoRefusalsGivesOneMoreChanceAfterADelay() {
        Driver client = new Driver(true);
        client.join(1, "t");
        for (int i = 0; i < 5; i++) {
            client.fetched("a");
            client.opened();
            client.reply(client.joinRef(), "t", "ok", "{}");
            client.closed(4401);
            if (i > 0) {
                assertThat(client.effects.take()).noneMatch("fetch"::equals);
                assertThat(client.step()).isPositive();
            }
            assertThat(client.effects.take()).endsWith("fetch");
        }
    }

    @Test
    void aTokenThatExpiresOnAnEstablishedConnectionIsReplacedAtOnce() {
        Driver client = new Driver(true);
        client.join(1, "t");
        for (int i = 0; i < 3; i++) {
            client.fetched("a");
            client.opened();
            client.reply(client.joinRef(), "t", "ok", "{}");
            client.advance(20 * SECOND);
            client.closed(4401);
            assertThat(client.effects.take()).endsWith("fetch");
        }
    }

    @Test
    void anotherTokenOfANewConnectionJoinsChannelsThatLackedTheRight() {
        Driver client = new Driver(true);
        client.join(1, "t");
        client.fetched("a");
        client.opened();
        client.reply(client.joinRef(), "t", "error", "{\"reason\":\"unauthorized\"}");
        for (String token : new String[] {"a", "b"}) {
            client.closed(1006);
            client.step();
            client.fetched(token);
            client.effects.take();
            client.opened();
            assertThat(client.effects.frames()).hasSize(token.equals("a") ? 0 : 1);
        }
    }

    @Test
    void aRefreshDuringAnotherOneHasItsResult() {
        Driver client = new Driver(true);
        client.connect();
        client.fetched("a");
        client.opened();
        client.refresh(5);
        client.refresh(6);
        client.effects.take();
        client.fetched("b");
        List<String> frames = client.effects.frames();
        assertThat(frames).hasSize(1);
        client.reply(frames.get(0).split("\"", -1)[1], "phoenix", "ok", "{}");
        assertThat(client.effects.take()).containsExactly("refreshed 5 Accepted", "refreshed 6 Accepted");
    }

    @Test
    void moreFramesAreRequestedWhileAReplyIsAwaited() {
        Driver client = new Driver(false, new Limits(1, 1 << 20), Timing.standard()).joined();
        client.frame("[null,null,\"t\",\"x\",{}]");
        assertThat(client.effects.isRequested).as("full").isFalse();
        client.call(1, 3, false);
        assertThat(client.effects.isRequested)
                .as("a callback may wait for the reply")
                .isTrue();
        for (int i = 0; i < 99; i++) {
            client.frame("[null,null,\"t\",\"x\",{}]");
            assertThat(client.effects.isRequested).isTrue();
        }
        client.frame("[null,null,\"t\",\"x\",{}]");
        assertThat(client.effects.isRequested).as("the second bound").isFalse();
    }

    @Test
    void status401WithoutATokenSupplierIsFinal() {
        Driver client = new Driver();
        client.connect();
        client.failed(401, 0);
        assertThat(client.state.status()).isInstanceOf(ConnectionStatus.Refused.class);
    }

    @Test
    void aSupplierThatThrowsOrHangsFailsTheAttempt() {
        Driver client = new Driver(true);
        client.connect();
        client.fetchFailed();
        client.step();
        assertThat(client.effects.take()).endsWith("fetch");
        assertThat(client.step()).isEqualTo(30 * SECOND);
        client.step();
        assertThat(client.effects.take()).endsWith("fetch");
    }

    @Test
    void aTokenThatComesTooLateIsIgnored() {
        Driver client = new Driver(true);
        client.connect();
        client.advance(30 * SECOND);
        client.effects.take();
        client.fetched("late");
        assertThat(client.effects.take()).isEmpty();
    }

    @Test
    void noTokenIsAFinalRefusal() {
        Driver client = new Driver(true);
        client.connect();
        client.state.fetched(client.now, client.effects.fetch, null);
        assertThat(client.state.status()).isEqualTo(new ConnectionStatus.Refused(401, 0, "no token"));
    }

    @Test
    void anAttemptThatHangsIsEnded() {
        Driver client = new Driver();
        client.connect();
        client.effects.take();
        assertThat(client.step()).isEqualTo(10 * SECOND);
        assertThat(client.effects.take()).first().isEqualTo("close 1000");
        client.step();
        assertThat(client.effects.take()).containsExactly("open null");
    }

    @Test
    void aHeartbeatIsSentEvery30Seconds() {
        Driver client = new Driver().joined();
        for (int i = 0; i < 5; i++) {
            client.advance(30 * SECOND);
            List<String> frames = client.effects.frames();
            assertThat(frames).singleElement().asString().contains("\"phoenix\",\"heartbeat\",{}");
            client.reply(frames.get(0).split("\"", -1)[1], "phoenix", "ok", "{}");
        }
        assertThat(client.state.status()).isEqualTo(new ConnectionStatus.Open());
    }

    @Test
    void aConnectionWithoutAFrameAfterAHeartbeatIsClosedAndReplacedAtOnce() {
        Driver client = new Driver().joined();
        client.advance(60 * SECOND);
        assertThat(client.effects.take()).contains("close 1000").endsWith("open null");
        assertThat(client.counters.get(ClientCounter.SILENT_CONNECTIONS)).isEqualTo(1);
    }

    @Test
    void anyFrameIsASignOfLife() {
        Driver client = new Driver().joined();
        client.advance(59 * SECOND);
        client.frame("[null,null,\"t\",\"x\",{}]");
        client.effects.take();
        client.advance(30 * SECOND);
        assertThat(client.effects.take()).noneMatch(line -> line.startsWith("close"));
    }

    /** Whenever the network swallows what is sent: before a heartbeat, after it, and after its reply. */
    @Test
    void aFrozenNetworkIsNoticedWithinTwoIntervals() {
        long interval = 7 * SECOND;
        for (long frozenAt = 0; frozenAt <= 15 * SECOND; frozenAt += SECOND / 2) {
            Driver client = new Driver(
                            false, new Limits(1000, 1 << 20), Timing.standard(interval, SECOND, 10 * SECOND, 0))
                    .joined();
            client.advance(frozenAt);
            client.frame("[null,null,\"t\",\"x\",{}]"); // the last one that comes
            client.effects.take();
            client.advance(2 * interval - 1);
            client.advance(1);
            assertThat(client.effects.take()).as("frozen at %s", frozenAt).contains("close 1000");
        }
    }

    @Test
    void theTimeOfAPauseDoesNotCount() {
        Driver client = new Driver(false, new Limits(4, 1 << 20), Timing.standard()).joined();
        for (int i = 0; i < 4; i++) {
            client.frame("[null,null,\"t\",\"x\",{}]");
        }
        assertThat(client.effects.isRequested).isFalse();
        client.effects.take();
        client.advance(300 * SECOND);
        assertThat(client.effects.take()).noneMatch(line -> line.startsWith("close"));

        client.runCallbacks();
        assertThat(client.effects.isRequested).isTrue();
        client.advance(29 * SECOND);
        assertThat(client.effects.take()).noneMatch(line -> line.startsWith("close"));
        client.advance(SECOND);
        assertThat(client.effects.take()).contains("close 1000");
    }

    @Test
    void aMalformedFrameClosesTheConnection() {
        Driver client = new Driver().joined();
        client.frame("nonsense");
        assertThat(client.effects.take()).contains("close 1002");
        assertThat(client.step()).isBetween(50 * MILLI, 100 * MILLI);
        assertThat(client.counters.get(ClientCounter.MALFORMED_FRAMES)).isEqualTo(1);
    }

    @Test
    void inputsOfAnEarlierConnectionAreIgnored() {
        Driver client = new Driver().joined();
        long first = client.effects.connection;
        client.closed(1006);
        client.step();
        client.opened();
        client.effects.take();
        client.state.closed(client.now, first, 4403, "");
        client.state.failed(client.now, first, 403, 0, "");
        client.state.opened(client.now, first);
        assertThat(client.effects.take()).isEmpty();
    }

    @Test
    void oneFrameIsRequestedWhileCallbacksHaveRoom() {
        Driver client = new Driver(false, new Limits(1000, 10), Timing.standard()).joined();
        assertThat(client.effects.isRequested).isTrue();
        client.frame("[null,null,\"t\",\"x\",{\"a\":12345}]");
        assertThat(client.effects.isRequested).isFalse();
        assertThat(client.counters.get(ClientCounter.PAUSES)).isEqualTo(1);
        client.runCallbacks();
        assertThat(client.effects.isRequested).isTrue();
        assertThat(client.state.waitingCallbackBytes()).isZero();
    }

    @Test
    void aFreshTokenIsSentOverTheOpenConnection() {
        Driver client = new Driver(true);
        client.connect();
        client.fetched("a");
        client.opened();
        client.effects.take();
        client.refresh(5);
        client.fetched("b\"");
        List<String> frames = client.effects.frames();
        assertThat(frames).singleElement().asString().endsWith("\"phoenix\",\"refresh\",{\"token\":\"b\\\"\"}]");
        client.reply(frames.get(0).split("\"", -1)[1], "phoenix", "ok", "{}");
        assertThat(client.effects.take()).containsExactly("refreshed 5 Accepted");
    }

    @Test
    void aRefreshFailsWithTheConnection() {
        Driver client = new Driver(true);
        client.refresh(4);
        assertThat(client.effects.take()).containsExactly("refreshed 4 Failed");
        client.connect();
        client.fetched("a");
        client.opened();
        client.refresh(5);
        client.effects.take();
        client.closed(1006);
        assertThat(client.effects.take()).contains("refreshed 5 Failed");
    }

    @Test
    void theTokenIsRefreshedRegularly() {
        Driver client = new Driver(
                true, new Limits(100, 1000), Timing.standard(30 * SECOND, SECOND / 10, 10 * SECOND, 20 * SECOND));
        client.connect();
        client.fetched("a");
        client.opened();
        client.effects.take();
        client.advance(20 * SECOND);
        assertThat(client.effects.take()).containsExactly("fetch");
    }

    @Test
    void closeSendsWhatWaitsAndEndsTheConnection() {
        Driver client = new Driver().joined();
        client.call(1, 3, true);
        client.effects.take();
        client.close();
        assertThat(client.effects.take())
                .containsSubsequence(
                        "complete 3 Closed", "channel 1 Left[]", "connection Closed[reason=]", "close 1000", "finished")
                .anyMatch(line -> line.contains("phx_leave"));
        assertThat(client.state.timerCount()).isZero();
    }

    @Test
    void closeWaitsForTheSocketForASecond() {
        Driver client = new Driver().joined();
        client.state.push(client.now, 1, "x", Payload.json("{}"), 1);
        client.state.close(client.now, "");
        assertThat(client.effects.isFinished).isFalse();
        client.state.wake(client.now + SECOND);
        assertThat(client.effects.isFinished).isTrue();
    }

    @Test
    void nothingFollowsAClose() {
        Driver client = new Driver().joined();
        client.close();
        client.effects.take();
        client.connect();
        client.join(2, "u");
        client.push(1, "x");
        client.call(1, 8, false);
        client.frame("[null,null,\"t\",\"x\",{}]");
        client.advance(100 * SECOND);
        assertThat(client.effects.take()).containsExactly("release 7", "release 9", "complete 8 NotSent");
    }
}
