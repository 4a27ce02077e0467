package io.heliodor.client.session;

import static io.heliodor.client.session.Driver.MILLI;
import static io.heliodor.client.session.Driver.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.client.status.ChannelStatus;
import io.heliodor.client.wire.Payload;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules 3, 4, 6 and 7, the history, and calls. */
class ChannelTests {
    private static final String TOKEN_0 = "{\"recovered\":false,\"token\":\"@s.0\"}";

    @Test
    void topicsAreJoinedInTheOrderOfTheFirstJoinsOnEachConnection() {
        Driver client = new Driver();
        client.join(1, "c");
        client.join(2, "a");
        client.join(3, "b");
        for (int i = 0; i < 3; i++) {
            client.effects.take();
            client.opened();
            assertThat(client.effects.frames())
                    .map(frame -> frame.split("\"", -1)[5])
                    .containsExactly("c", "a", "b");
            client.closed(1006);
            client.step();
        }
    }

    /** To request it again from the history would drop it again, for ever. */
    @Test
    void aKeptMessageThatIsTooLargeIsAGapAndTheNextJoinContinuesAfterIt() {
        Driver client = new Driver().joined(false, TOKEN_0);
        client.oversized("[null,\"@s.1\",\"t\",\"big\",{\"text\":\"aaaa");
        assertThat(client.effects.take())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("warn ").contains("'t'", "maxMessageBytes"),
                        line -> assertThat(line).isEqualTo("recovered 1 false @s.1"));
        client.oversized("[null,\"@s.2\",\"t\",\"big\",{\"text\":\"aaaa");
        assertThat(client.effects.take()).containsExactly("recovered 1 false @s.2");
        client.frame("[null,\"@s.3\",\"t\",\"small\",{}]");
        assertThat(client.effects.take()).containsExactly("message 1 small {}");
        client.oversized("[null,\"@s.4\",\"t\",\"big\",{\"text\":\"aaaa");
        client.closed(1006);
        client.step();
        client.effects.take();
        client.opened();
        assertThat(client.effects.frames()).singleElement().asString().contains("\"since\":\"@s.4\"");
        assertThat(client.counters.get(ClientCounter.OVERSIZED_MESSAGES)).isEqualTo(3);
    }

    @Test
    void aMessageThatIsTooLargeHasTheStateRequestedAnew() {
        Driver client = new Driver().joined(true, "");
        client.oversized("[null,null,\"t\",\"big\",{\"text\":\"aaaa");
        assertThat(client.effects.take()).contains("recovered 1 false none");
        client.advance(10 * SECOND);
        assertThat(client.effects.frames()).anyMatch(frame -> frame.contains("phx_join"));
    }

    @Test
    void aChangeOfPresencesThatIsTooLargeHasAllOfThemRequestedAnewAndAllOfThemThatAreTooLargeNot() {
        Driver client = new Driver().joined(false, "");
        client.oversized("[null,null,\"t\",\"presence_state\",{\"a");
        client.advance(10 * SECOND);
        assertThat(client.effects.frames()).noneMatch(frame -> frame.contains("phx_join"));
        client.oversized("[null,null,\"t\",\"presence_diff\",{\"joins\":{\"a");
        client.advance(10 * SECOND);
        assertThat(client.effects.frames()).anyMatch(frame -> frame.contains("phx_join"));
    }

    @Test
    void aJoinWhoseReplyIsTooLargeIsRefusedForGoodAndLeaves() {
        Driver client = new Driver();
        client.join(1, "t");
        client.join(2, "u");
        client.opened();
        List<String> joins = client.effects.frames();
        String ref = joins.get(joins.size() - 2).split("\"", -1)[1];
        client.oversized("[null,\"" + ref + "\",\"t\",\"phx_reply\",{\"response\":{\"text\":\"aaaa");
        assertThat(client.effects.take())
                .anyMatch(line -> line.contains("phx_leave"))
                .anyMatch(line -> line.startsWith("channel 1 Refused") && line.contains("isFinal=true"))
                .noneMatch(line -> line.startsWith("close") || line.startsWith("channel 2"));
    }

    @Test
    void aCallWhoseReplyIsTooLargeIsRefused() {
        Driver client = new Driver().joined();
        client.call(1, 7, false);
        String ref = client.effects.frames().get(0).split("\"", -1)[3];
        client.oversized("[null,\"" + ref + "\",\"t\",\"phx_reply\",{\"status\":\"ok\",\"response\":{\"text\":\"aaaa");
        assertThat(client.effects.take()).contains("complete 7 error {\"reason\":\"reply_too_large\"}");
    }

    @Test
    void aChannelWaitsForNothingAfterTheConnectionWasRefusedAndJoinsAfterTheNextOne() {
        Driver client = new Driver().joined();
        client.closed(4403);
        assertThat(client.state.status(1)).isEqualTo(new ChannelStatus.Idle());
        client.join(2, "u");
        assertThat(client.state.status(2)).isEqualTo(new ChannelStatus.Idle());
        client.effects.take();
        client.connect();
        assertThat(client.effects.take()).contains("channel 1 Joining[]", "channel 2 Joining[]");
        client.opened();
        assertThat(client.effects.frames()).hasSize(2).allMatch(frame -> frame.contains("phx_join"));
    }

    @Test
    void aJoinedChannelHasTheStateOfItsReply() {
        Driver client = new Driver();
        client.join(1, "t");
        client.opened();
        client.reply(client.joinRef(), "t", "ok", "{\"n\":1}");
        assertThat(client.effects.take())
                .containsExactly("channel 1 Joined[]", "recovered 1 false none", "state 1 {\"n\":1}");
    }

    @Test
    void aReplyToAnotherJoinIsIgnored() {
        Driver client = new Driver();
        client.join(1, "t");
        client.opened();
        String old = client.joinRef();
        client.closed(1006);
        client.step();
        client.opened();
        client.effects.take();
        client.reply(old, "t", "ok", "{}");
        assertThat(client.effects.take()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"join crashed", "rate_limited", "overloaded", "unavailable", "draining", "replaced"})
    void aRefusalThatPassesIsFollowedByAnotherJoin(String reason) {
        Driver client = new Driver();
        client.join(1, "t");
        client.opened();
        for (long seconds : new long[] {1, 2, 5, 10, 10}) {
            client.reply(client.joinRef(), "t", "error", "{\"reason\":\"" + reason + "\"}");
            assertThat(client.effects.take()).anyMatch(line -> line.contains("isFinal=false"));
            long from = client.now;
            while (client.effects.frames().stream().noneMatch(frame -> frame.contains("phx_join"))) {
                client.step();
                client.frame("[null,null,\"other\",\"x\",{}]");
                if (client.now - from > seconds * SECOND) {
                    break;
                }
            }
            assertThat(client.now - from).isBetween(seconds * 3 * SECOND / 4, seconds * SECOND);
            client.join(1, "t"); // no second join
            assertThat(client.effects.take()).isEmpty();
            client.state.closed(client.now, client.effects.connection, 1006, "");
            client.step();
            client.opened();
        }
    }

    @Test
    void retryAfterIsAMinimumDelay() {
        Driver client = new Driver();
        client.join(1, "t");
        client.opened();
        client.reply(client.joinRef(), "t", "error", "{\"reason\":\"rate_limited\",\"retry_after_ms\":20000}");
        client.advance(5 * SECOND);
        client.closed(1006);
        client.effects.take();
        client.step();
        client.opened();
        assertThat(client.effects.frames()).isEmpty();
        client.advance(35 * SECOND);
        assertThat(client.effects.frames()).anyMatch(frame -> frame.contains("phx_join"));
    }

    @Test
    void aReplyThatDoesNotComeCountsAsAnError() {
        Driver client = new Driver();
        client.join(1, "t");
        client.opened();
        client.effects.take();
        client.advance(10 * SECOND);
        assertThat(client.effects.frames()).anyMatch(frame -> frame.contains("phx_leave"));
        client.advance(SECOND);
        assertThat(client.effects.frames()).anyMatch(frame -> frame.contains("phx_join"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"unmatched topic", "unauthorized", "removed", "full", "too many channels joined"})
    void anyOtherRefusalIsFinal(String reason) {
        Driver client = new Driver();
        client.join(1, "t");
        client.opened();
        client.reply(client.joinRef(), "t", "error", "{\"reason\":\"" + reason + "\"}");
        assertThat(client.state.status(1).isOver()).isTrue();
        client.advance(20 * SECOND);
        assertThat(client.effects.frames()).isEmpty();
        client.join(1, "t");
        assertThat(client.effects.frames()).anyMatch(frame -> frame.contains("phx_join"));
    }

    @Test
    void aFreshTokenJoinsChannelsThatLackedTheRight() {
        Driver client = new Driver(true);
        client.join(1, "t");
        client.fetched("a");
        client.opened();
        client.reply(client.joinRef(), "t", "error", "{\"reason\":\"unauthorized\"}");
        client.refresh(1);
        client.fetched("b");
        String ref = client.effects.frames().get(0).split("\"", -1)[1];
        client.reply(ref, "phoenix", "ok", "{}");
        assertThat(client.effects.frames()).anyMatch(frame -> frame.contains("phx_join"));
    }

    @Test
    void aClosedChannelStaysAway() {
        Driver client = new Driver().joined();
        client.frame("[null,null,\"t\",\"phx_close\",{\"reason\":\"unauthorized\"}]");
        assertThat(client.state.status(1)).isEqualTo(new ChannelStatus.Closed("unauthorized"));
        client.effects.take();
        client.advance(20 * SECOND);
        assertThat(client.effects.frames()).isEmpty();
    }

    @Test
    void theCloseOfAnotherMembershipIsDropped() {
        Driver client = new Driver().joined();
        client.frame("[\"999\",\"999\",\"t\",\"phx_close\",{}]");
        client.frame("[\"999\",null,\"t\",\"x\",{}]");
        assertThat(client.state.status(1)).isEqualTo(new ChannelStatus.Joined());
        assertThat(client.effects.take()).isEmpty();
        assertThat(client.counters.get(ClientCounter.STALE_FRAMES)).isEqualTo(2);
    }

    @Test
    void aCrashedChannelJoinsAgain() {
        Driver client = new Driver().joined();
        client.frame("[null,null,\"t\",\"phx_error\",{\"reason\":\"channel_crash\"}]");
        assertThat(client.state.status(1)).isEqualTo(new ChannelStatus.Joining());
        client.effects.take();
        assertThat(client.step()).isBetween(750 * MILLI, 1000 * MILLI);
        assertThat(client.effects.frames()).anyMatch(frame -> frame.contains("phx_join"));
    }

    @Test
    void aLeftChannelReceivesNothing() {
        Driver client = new Driver().joined();
        client.leave(1);
        assertThat(client.effects.take())
                .containsExactly("channel 1 Left[]", "send [\"1\",\"2\",\"t\",\"phx_leave\",{}]");
        client.frame("[null,null,\"t\",\"x\",{}]");
        client.frame("[\"1\",null,\"t\",\"x\",{}]");
        assertThat(client.effects.take()).isEmpty();
    }

    @Test
    void anotherChannelOfTheTopicDoesNotGetTheMessagesOfTheOneBefore() {
        Driver client = new Driver().joined();
        client.leave(1);
        client.join(2, "t");
        client.effects.take();
        client.frame("[\"1\",null,\"t\",\"x\",{}]");
        client.frame("[null,null,\"t\",\"x\",{}]");
        assertThat(client.effects.take()).isEmpty();
    }

    @Test
    void theLastTokenIsThatOfTheNextJoin() {
        Driver client = new Driver().joined(true, TOKEN_0);
        client.frame("[null,\"@s.1\",\"t\",\"x\",{}]");
        client.closed(1006);
        client.step();
        client.effects.take();
        client.opened();
        assertThat(client.effects.frames()).singleElement().asString().endsWith("\"phx_join\",{\"since\":\"@s.1\"}]");
    }

    @Test
    void aRecoveredJoinGivesNoState() {
        Driver client = new Driver().joined(true, TOKEN_0);
        client.closed(1006);
        client.step();
        client.opened();
        client.reply(client.joinRef(), "t", "ok", "{\"history\":{\"recovered\":true,\"token\":\"@s.0\"}}");
        assertThat(client.effects.take()).containsExactly("channel 1 Joined[]", "recovered 1 true @s.0");
    }

    @Test
    void keptMessagesBetweenTheJoinAndItsReplyAreDropped() {
        Driver client = new Driver().joined(true, TOKEN_0);
        client.observe(1, false);
        String ref = client.joinRef();
        client.frame("[null,\"@s.1\",\"t\",\"x\",{}]");
        client.frame("[null,null,\"t\",\"volatile\",{}]");
        assertThat(client.effects.take()).containsExactly("message 1 volatile {}");
        client.reply(ref, "t", "ok", "{\"history\":{\"recovered\":true,\"token\":\"@s.0\"}}");
        client.frame("[null,\"@s.1\",\"t\",\"x\",{}]");
        assertThat(client.effects.take()).endsWith("message 1 x {}");
    }

    @Test
    void aGapIsReportedAndAChannelWithAStateJoinsAnew() {
        Driver client = new Driver().joined(true, TOKEN_0);
        client.frame("[null,\"@s.5~\",\"t\",\"x\",{}]");
        assertThat(client.effects.take()).containsExactly("recovered 1 false @s.5~", "message 1 x {}");
        assertThat(client.step()).isBetween(0L, SECOND);
        assertThat(client.effects.frames()).singleElement().asString().endsWith("\"phx_join\",{}]");
    }

    @Test
    void aGapIsNotLostWithTheConnection() {
        Driver client = new Driver().joined(true, TOKEN_0);
        client.frame("[null,\"@s.5~\",\"t\",\"x\",{}]");
        client.closed(1006);
        client.step();
        client.effects.take();
        client.opened();
        assertThat(client.effects.frames()).singleElement().asString().endsWith("\"phx_join\",{}]");
    }

    @Test
    void aGapWithoutAStateIsOnlyReported() {
        Driver client = new Driver().joined(false, TOKEN_0);
        client.frame("[null,\"@s.5~\",\"t\",\"history_gap\",{}]");
        client.effects.take();
        client.advance(5 * SECOND);
        assertThat(client.effects.frames()).isEmpty();
    }

    @Test
    void aLateStateCallbackJoinsAnewWithoutToken() {
        Driver client = new Driver().joined(false, TOKEN_0);
        client.observe(1, true);
        assertThat(client.effects.frames()).singleElement().asString().endsWith("\"phx_join\",{}]");
    }

    @Test
    void aStateCallbackThatComesDuringARecoveryGetsTheState() {
        Driver client = new Driver().joined(false, TOKEN_0);
        client.closed(1006);
        client.step();
        client.opened();
        String ref = client.joinRef();
        client.observe(1, true);
        client.reply(ref, "t", "ok", "{\"history\":{\"recovered\":true,\"token\":\"@s.0\"}}");
        client.effects.take();
        client.advance(0);
        assertThat(client.effects.frames()).singleElement().asString().endsWith("\"phx_join\",{}]");
    }

    @Test
    void aStateCallbackThatComesWhileTheConnectionIsLostGetsTheState() {
        Driver client = new Driver().joined(false, TOKEN_0);
        client.closed(1006);
        client.observe(1, true);
        client.step();
        client.opened();
        assertThat(client.effects.frames()).singleElement().asString().endsWith("\"phx_join\",{}]");
    }

    @Test
    void aJoinAnewWaitsForTheRepliesToCalls() {
        Driver client = new Driver().joined();
        client.call(1, 3, false);
        String ref = client.effects.frames().get(0).split("\"", -1)[3];
        client.observe(1, true);
        client.advance(SECOND);
        assertThat(client.effects.frames()).isEmpty();
        client.reply(ref, "t", "ok", "{}");
        client.advance(SECOND);
        assertThat(client.effects.frames()).singleElement().asString().contains("phx_join");
    }

    @Test
    void aJoinAnewWaitsForTenSecondsAtMost() {
        Driver client = new Driver().joined();
        client.state.call(client.now, 1, 3, "buy", Payload.json("{}"), 9, 100 * SECOND, false);
        client.observe(1, true);
        client.effects.take();
        client.advance(11 * SECOND);
        assertThat(client.effects.frames()).singleElement().asString().contains("phx_join");
    }

    @Test
    void messagesOfTheMembershipThatIsReplacedAreReceived() {
        Driver client = new Driver().joined();
        client.observe(1, true);
        client.effects.take();
        client.frame("[\"1\",null,\"t\",\"pushed\",{}]");
        assertThat(client.effects.take()).anyMatch(line -> line.contains("pushed"));
        client.frame("[\"1\",\"1\",\"t\",\"phx_close\",{}]");
        assertThat(client.state.status(1)).isEqualTo(new ChannelStatus.Joining());
    }

    @Test
    void aJoinAnewThatTheServerDoesNotBeginLeavesTheMembership() {
        Driver client = new Driver().joined();
        client.observe(1, true);
        String ref = client.joinRef();
        client.push(1, "x");
        client.reply(ref, "t", "error", "{\"reason\":\"overloaded\"}");
        assertThat(client.state.status(1)).isEqualTo(new ChannelStatus.Joined());
        assertThat(client.effects.frames())
                .singleElement()
                .asString()
                .startsWith("[\"1\",")
                .contains("\"x\"");
        assertThat(client.step()).isBetween(750 * MILLI, 1000 * MILLI);
        assertThat(client.effects.frames()).singleElement().asString().contains("phx_join");
    }

    @Test
    void keptMessagesDuringAJoinAnewThatIsRefusedComeWithTheNextJoin() {
        Driver client = new Driver().joined(false, TOKEN_0);
        client.observe(1, false);
        String ref = client.joinRef();
        client.frame("[null,\"@s.1\",\"t\",\"kept\",{}]");
        client.reply(ref, "t", "error", "{\"reason\":\"overloaded\"}");
        client.effects.take();
        client.frame("[null,\"@s.2\",\"t\",\"kept\",{}]");
        assertThat(client.effects.take()).isEmpty();
        client.step();
        assertThat(client.effects.frames()).singleElement().asString().contains("\"since\":\"@s.0\"");
    }

    @Test
    void aJoinIsNotGivenUpWhileReadingIsPaused() {
        Driver client = new Driver(false, new Limits(1, 1 << 20), Timing.standard());
        client.join(1, "t");
        client.opened(); // two callbacks wait: no frame is requested
        client.effects.take();
        client.advance(25 * SECOND);
        assertThat(client.effects.frames()).noneMatch(frame -> frame.contains("phx_leave"));
        client.runCallbacks();
        client.advance(10 * SECOND);
        assertThat(client.effects.frames()).anyMatch(frame -> frame.contains("phx_leave"));
    }

    @Test
    void aPushWaitsForTheJoin() {
        Driver client = new Driver();
        client.join(1, "t");
        client.push(1, "x");
        client.push(1, "y");
        client.opened();
        assertThat(client.effects.take()).noneMatch(line -> line.startsWith("release"));
        client.reply("1", "t", "ok", "{}");
        assertThat(client.effects.take())
                .endsWith(
                        "send [\"1\",\"2\",\"t\",\"x\",{}]",
                        "release 7",
                        "send [\"1\",\"3\",\"t\",\"y\",{}]",
                        "release 7");
    }

    @Test
    void aPushIsDroppedAfterTenSecondsWithoutAJoin() {
        Driver client = new Driver();
        client.join(1, "t");
        client.push(1, "x");
        client.advance(4 * SECOND);
        client.push(1, "y");
        client.effects.take();
        client.advance(6 * SECOND);
        assertThat(client.effects.take())
                .filteredOn(line -> line.equals("release 7"))
                .hasSize(1);
        client.step(); // the attempt has timed out, too
        client.opened();
        client.reply(client.joinRef(), "t", "ok", "{}");
        assertThat(client.effects.frames())
                .map(frame -> frame.split("\"", -1)[7])
                .doesNotContain("x");
        assertThat(client.counters.get(ClientCounter.DROPPED_PUSHES)).isEqualTo(1);
    }

    @Test
    void framesThatWereNotSentWaitForTheNextConnection() {
        Driver client = new Driver().joined();
        Payload empty = Payload.json("{}");
        client.state.push(client.now, 1, "sent", empty, 1);
        client.state.push(client.now, 1, "unsent", empty, 1);
        client.state.push(client.now, 1, "last", empty, 1);
        client.closed(1006);
        client.step();
        client.opened();
        client.reply(client.joinRef(), "t", "ok", "{}");
        assertThat(client.effects.frames())
                .map(frame -> frame.split("\"", -1)[7])
                .containsExactly("unsent", "last");
    }

    @Test
    void aSocketOfAnEarlierConnectionTakesNoFrameOfThis() {
        Driver client = new Driver().joined();
        long earlier = client.effects.connection;
        client.closed(1006);
        client.step();
        client.opened();
        client.reply(client.joinRef(), "t", "ok", "{}");
        Payload empty = Payload.json("{}");
        client.state.push(client.now, 1, "a", empty, 1);
        client.state.push(client.now, 1, "b", empty, 1);
        client.state.sent(client.now, earlier);
        assertThat(client.effects.frames()).singleElement().asString().contains("\"a\"");
    }

    @Test
    void framesThatWereNotSentBeforeACrashWaitForTheNextJoin() {
        Driver client = new Driver().joined();
        Payload empty = Payload.json("{}");
        client.state.push(client.now, 1, "sent", empty, 1);
        client.state.push(client.now, 1, "unsent", empty, 1);
        client.frame("[\"1\",null,\"t\",\"phx_error\",{}]");
        client.step();
        client.reply(client.joinRef(), "t", "ok", "{}");
        assertThat(client.effects.frames()).singleElement().asString().contains("\"unsent\"");
    }

    @Test
    void framesThatWereQueuedBeforeALeaveAreSentBeforeIt() {
        Driver client = new Driver().joined();
        Payload empty = Payload.json("{}");
        client.state.push(client.now, 1, "a", empty, 1);
        client.state.push(client.now, 1, "b", empty, 1);
        client.leave(1);
        assertThat(client.effects.frames())
                .map(frame -> frame.split("\"", -1)[7])
                .containsExactly("a", "b", "phx_leave");
    }

    @Test
    void aCallHasItsReply() {
        Driver client = new Driver().joined();
        client.call(1, 3, false);
        assertThat(client.effects.take()).containsExactly("send [\"1\",\"2\",\"t\",\"buy\",{}]", "release 9");
        client.reply("2", "t", "ok", "{\"id\":9}");
        client.reply("2", "t", "ok", "{\"id\":10}");
        assertThat(client.effects.take()).containsExactly("complete 3 ok {\"id\":9}");
    }

    @Test
    void aCallHasItsError() {
        Driver client = new Driver().joined();
        client.call(1, 3, false);
        client.reply("2", "t", "error", "{\"reason\":\"rate_limited\"}");
        assertThat(client.effects.take()).endsWith("complete 3 error {\"reason\":\"rate_limited\"}");
    }

    @Test
    void aCallTimesOut() {
        Driver client = new Driver().joined();
        client.call(1, 3, false);
        client.effects.take();
        client.advance(10 * SECOND);
        client.reply("2", "t", "ok", "{}");
        assertThat(client.effects.take()).containsExactly("complete 3 TimedOut");
    }

    @Test
    void aCallWhoseTimeEndsBeforeTheJoinIsNotSent() {
        Driver client = new Driver();
        client.join(1, "t");
        client.call(1, 3, false);
        client.effects.take();
        client.advance(10 * SECOND);
        assertThat(client.effects.take()).contains("release 9", "complete 3 NotSent");
        client.step(); // the attempt has timed out, too
        client.opened();
        client.reply(client.joinRef(), "t", "ok", "{}");
        assertThat(client.effects.frames()).isEmpty();
    }

    @Test
    void aCallWithAKeyWhoseTimeEndsWithoutAConnectionIsNotSent() {
        Driver client = new Driver();
        client.join(1, "t");
        client.call(1, 3, true);
        client.advance(300 * SECOND);
        assertThat(client.effects.take()).contains("complete 3 NotSent");
    }

    /** The server answers calls whose channel ends, before its close. */
    @Test
    void aCallWhoseChannelEndsIsClosed() {
        Driver client = new Driver().joined();
        client.call(1, 3, false);
        client.effects.take();
        client.reply("2", "t", "error", "{\"reason\":\"channel_closed\"}");
        assertThat(client.effects.take()).containsExactly("complete 3 Closed");
    }

    @Test
    void aCallWithAKeyWhoseChannelEndsIsRepeatedUntilItsClose() {
        Driver client = new Driver().joined();
        client.call(1, 3, true);
        client.effects.take();
        client.reply("2", "t", "error", "{\"reason\":\"channel_closed\"}");
        assertThat(client.effects.take()).noneMatch(line -> line.startsWith("complete"));
        client.frame("[\"1\",\"1\",\"t\",\"phx_close\",{}]");
        assertThat(client.effects.take()).contains("complete 3 Closed");
    }

    @Test
    void aCallWithoutKeyIsNotSentTwice() {
        Driver client = new Driver().joined();
        client.call(1, 3, false);
        client.closed(1006);
        client.step();
        client.opened();
        client.reply(client.joinRef(), "t", "ok", "{}");
        assertThat(client.effects.frames()).isEmpty();
        client.advance(10 * SECOND);
        assertThat(client.effects.take()).contains("complete 3 TimedOut");
    }

    @Test
    void aCallWithAKeyIsRepeatedOnTheNextConnection() {
        Driver client = new Driver().joined();
        client.call(1, 3, true);
        client.closed(1006);
        client.step();
        client.opened();
        client.reply(client.joinRef(), "t", "ok", "{}");
        List<String> frames = client.effects.frames();
        assertThat(frames).singleElement().asString().contains("\"buy\"");
        client.reply(frames.get(0).split("\"", -1)[3], "t", "ok", "{}");
        assertThat(client.effects.take()).containsExactly("release 9", "complete 3 ok {}");
    }

    @Test
    void aCallWithAKeyIsRepeatedAfterACrashWithoutWaitingForItsTimeout() {
        Driver client = new Driver().joined();
        client.call(1, 3, true);
        client.frame("[\"1\",null,\"t\",\"phx_error\",{}]");
        client.step();
        client.reply(client.joinRef(), "t", "ok", "{}");
        assertThat(client.effects.frames()).singleElement().asString().contains("\"buy\"");
    }

    @Test
    void aCallWithAKeyIsRepeatedAfterATimeoutAndErrorsThatPass() {
        Driver client = new Driver().joined();
        client.call(1, 3, true);
        client.effects.take();
        client.advance(10 * SECOND);
        String ref = client.effects.frames().get(0).split("\"", -1)[3];
        client.reply(ref, "t", "error", "{\"reason\":\"still_running\"}");
        assertThat(client.step()).isBetween(SECOND, 2 * SECOND);
        ref = client.effects.frames().get(0).split("\"", -1)[3];
        client.reply(ref, "t", "error", "{\"reason\":\"rate_limited\",\"retry_after_ms\":5000}");
        client.effects.take();
        assertThat(client.step()).isBetween(5 * SECOND, 10 * SECOND);
        ref = client.effects.frames().get(0).split("\"", -1)[3];
        client.reply(ref, "t", "error", "{\"reason\":\"unknown\"}");
        assertThat(client.effects.take()).contains("complete 3 error {\"reason\":\"unknown\"}");
        assertThat(client.counters.get(ClientCounter.REPEATED_CALLS)).isEqualTo(3);
    }

    @Test
    void aCallWithAKeyEndsAfterFiveMinutes() {
        Driver client = new Driver().joined();
        client.call(1, 3, true);
        client.effects.take();
        for (int i = 0; i < 299; i++) {
            client.advance(SECOND);
            client.frame("[null,null,\"other\",\"x\",{}]");
        }
        assertThat(client.effects.take()).noneMatch(line -> line.startsWith("complete"));
        client.advance(SECOND);
        assertThat(client.effects.take()).contains("release 9", "complete 3 TimedOut");
    }

    @Test
    void aLateReplyToAnEarlierRequestOfACallIsIgnored() {
        Driver client = new Driver().joined();
        client.call(1, 3, true);
        client.advance(10 * SECOND);
        client.effects.take();
        client.reply("2", "t", "error", "{\"reason\":\"unanswered\"}");
        assertThat(client.effects.take()).isEmpty();
    }

    @Test
    void leaveEndsCalls() {
        Driver client = new Driver().joined();
        client.call(1, 3, true);
        client.call(1, 4, false);
        client.leave(1);
        assertThat(client.effects.take()).contains("complete 3 Closed", "complete 4 Closed", "release 9");
    }

    @Test
    void aClosedChannelEndsCallsAndDropsPushes() {
        Driver client = new Driver();
        client.join(1, "t");
        client.opened();
        client.push(1, "x");
        client.call(1, 4, false);
        client.reply(client.joinRef(), "t", "error", "{\"reason\":\"full\"}");
        assertThat(client.effects.take()).contains("release 7", "release 9", "complete 4 NotSent");
        client.push(1, "x");
        assertThat(client.effects.take()).containsExactly("release 7");
    }

    @Test
    void messagesToTheConnectionAreDelivered() {
        Driver client = new Driver().joined();
        client.frame("[null,null,\"phoenix\",\"notice\",{\"a\":1}]");
        assertThat(client.effects.take()).containsExactly("message 0 notice {\"a\":1}");
    }
}
