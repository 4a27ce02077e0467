package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.event.Raw;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Replies and kept messages for a client that comes back. */
class ReplayTests {
    private static final Duration AGE = Duration.ofMinutes(5);

    @AutoClose
    private final TestServer server = new TestServer();

    /** The event "say" is kept; "shout" is not. */
    private void serve(History history) {
        server.serve("room:*", room(history));
    }

    private static Channel<Object, String> room(History history) {
        return Channel.join(join -> Join.ok("a"))
                .on(Chat.SAY, (text, room) -> room.broadcast(Chat.SAY, text))
                .on(Chat.SHOUT, (text, room) -> room.broadcastFrom(Chat.SAY, text))
                .history(history)
                .build();
    }

    private static History keeps(int most) {
        return History.of(most, AGE, Chat.SAY);
    }

    /** Joins without a token and returns the stream of the one in the reply. */
    private static String joins(Client client, long offset) {
        client.sends("['3','3','room:42','phx_join',{}]");
        String reply = client.next();
        String stream = HistoryToken.stream(reply);
        assertThat(reply).isEqualTo(reply(stream, offset, false));
        return stream;
    }

    private static String reply(String stream, long offset, boolean recovered) {
        return """
                ["3","3","room:42","phx_reply",{"status":"ok","response":\
                {"history":{"token":"%s","recovered":%b}}}]""".formatted(HistoryToken.of(stream, offset), recovered);
    }

    /** Joins with its last token and awaits the reply: the same token if it recovers, since the replay follows. */
    private static void returns(Client client, String stream, long since, long offset, boolean recovered) {
        client.sends("['3','3','room:42','phx_join',{'since':'%s'}]".formatted(HistoryToken.of(stream, since)));
        client.receives(reply(stream, recovered ? since : offset, recovered));
    }

    private void isNotRecovered(String stream, long since, long offset) {
        Client client = server.connect();
        returns(client, stream, since, offset, false);
        client.drops();
    }

    private static String kept(long offset) {
        return "[null,'@%d','room:42','say',{'text':'%d'}]".formatted(offset, offset);
    }

    private static void receivesKept(Client client, long from, long to) {
        for (long offset = from; offset <= to; offset++) {
            client.receives(kept(offset));
        }
    }

    /** Broadcasts messages whose text is their offset. */
    private void broadcast(long from, long to) {
        for (long offset = from; offset <= to; offset++) {
            server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text("" + offset));
        }
        server.settle();
    }

    @Test
    void aKeptMessageHasItsOffsetAsItsRefAndOthersHaveNone() {
        serve(keeps(100));
        Client ana = server.connect();
        Client ben = server.connect();
        joins(ana, 0);
        ana.sends("['3',null,'room:42','say',{'text':'1'}]");
        ana.receives(kept(1));
        joins(ben, 1);
        server.hub.channels().broadcast("room:42", Chat.SHOUT, new Chat.Text("not kept"));
        server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text("2"));
        for (Client client : new Client[] {ana, ben}) {
            client.receives("[null,null,'room:42','shout',{'text':'not kept'}]", kept(2));
        }
    }

    @Test
    void aClientThatComesBackGetsMissedMessagesAfterTheReplyAndBeforeNewerOnes() {
        serve(keeps(100));
        Client ana = server.connect();
        String stream = joins(ana, 0);
        broadcast(1, 3);
        receivesKept(ana, 1, 3);
        ana.drops();
        Client ben = server.connect();
        joins(ben, 3);
        broadcast(4, 6);
        receivesKept(ben, 4, 6);
        Client back = server.connect();
        server.loop().onceWoken(() -> server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text("7")));
        returns(back, stream, 3, 6, true);
        receivesKept(back, 4, 7);
        ben.receives(kept(7));
    }

    @Test
    void aClientThatMissedNothingIsRecoveredAndGetsNothing() {
        serve(keeps(100));
        Client client = server.connect();
        String stream = joins(client, 0);
        client.drops();
        Client back = server.connect();
        returns(back, stream, 0, 0, true);
        broadcast(1, 1);
        back.receives(kept(1));
        back.drops();
        returns(server.connect(), stream, 1, 1, true);
    }

    @Test
    void theOldestPositionThatIsRecoveredIsTheOneBeforeTheOldestKept() {
        serve(keeps(3));
        Client client = server.connect();
        String stream = joins(client, 0);
        broadcast(1, 5);
        receivesKept(client, 1, 5);
        isNotRecovered(stream, 1, 5);
        Client back = server.connect();
        returns(back, stream, 2, 5, true);
        receivesKept(back, 3, 5);
    }

    @Test
    void aPositionInTheFutureOrOfAnotherEpochIsNotRecovered() {
        serve(keeps(100));
        Client client = server.connect();
        String stream = joins(client, 0);
        broadcast(1, 2);
        receivesKept(client, 1, 2);
        isNotRecovered(stream, 3, 2);
        isNotRecovered(stream, Long.MAX_VALUE, 2);
        Client other = server.connect();
        other.sends("['3','3','room:42','phx_join',{'since':'%s'}]".formatted(HistoryToken.of("1" + stream, 1)));
        other.receives(reply(stream, 2, false));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "1",
                "'x'",
                "true",
                "[]",
                "{}",
                "''",
                "'@'",
                "'STREAM'",
                "'@STREAM'",
                "'@STREAM-'",
                "'@STREAM-1'",
                "'@STREAM-1.'",
                "'@STREAM-1.1'",
                "'@STREAM--1.0'",
                "'@STREAM-+1.0'",
                "'@STREAM-1_0.0'",
                "'@STREAM-zzzzzzzzzzzzzz.0'",
                "'@STREAM-1.STREAM-1.0'",
                "'@STREAM-1.1-1.0'",
                "['@STREAM-1.0']",
                "{'since':'@STREAM-1.0'}",
                "{'stream':'STREAM','offset':1}",
            })
    void aTokenOfAnyOtherShapeIsNotRecoveredAndTheJoinIsAccepted(String since) {
        serve(keeps(100));
        Client client = server.connect();
        String stream = joins(client, 0);
        broadcast(1, 2);
        receivesKept(client, 1, 2);
        Client back = server.connect();
        back.sends("['3','3','room:42','phx_join',{'since':%s}]".formatted(since.replace("STREAM", stream)));
        back.receives(reply(stream, 2, false));
        broadcast(3, 3);
        back.receives(kept(3));
        client.receives(kept(3));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'since':'@STREAM-1.0'}",
                "{'since':'@STREAM-1.0~'}",
                "{'a':{'since':2},'b':[{}],'since':'@STREAM-1.0','c':{}}",
                "{'since':'@STREAM-7.0','since':'@STREAM-1.0'}",
                " { 'since' : '@STREAM-1.0' } ",
                "{'since':'\\u0040STREAM-1.0'}",
            })
    void aTokenIsFoundAnywhereInThePayload(String payload) {
        serve(keeps(100));
        Client client = server.connect();
        String stream = joins(client, 0);
        broadcast(1, 2);
        receivesKept(client, 1, 2);
        Client back = server.connect();
        back.sends("['3','3','room:42','phx_join',%s]".formatted(payload.replace("STREAM", stream)));
        back.receives(reply(stream, 1, true), kept(2));
    }

    @Test
    void aBinaryRequestToJoinHasNoToken() {
        serve(keeps(100));
        Client client = server.connect();
        client.sendsBinary(
                "\0\1\1\7\10".concat("33room:42phx_join{}").getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertThat(client.next()).contains("-0.0\",\"recovered\":false");
    }

    @Test
    void theReplyOfAChannelWithoutAHistoryHasNoToken() {
        server.serve("room:*", Channel.join(join -> Join.ok("a")).build());
        Client client = server.connect();
        client.sends("['3','3','room:42','phx_join',{'since':'@a-1.0'}]");
        client.receives("['3','3','room:42','phx_reply',{'status':'ok','response':{}}]");
    }

    @Test
    void aLiveMemberThatJoinsAgainGetsTheMessagesAfterItsToken() {
        serve(keeps(100));
        Client client = server.connect();
        String stream = joins(client, 0);
        broadcast(1, 3);
        receivesKept(client, 1, 3);
        client.sends("['4','4','room:42','phx_join',{'since':'%s'}]".formatted(HistoryToken.of(stream, 2)));
        client.receives(
                "['3','3','room:42','phx_close',{}]",
                reply(stream, 2, true).replace("[\"3\",\"3\"", "[\"4\",\"4\""),
                kept(3));
    }

    @Test
    void keptMessagesExpire() {
        serve(keeps(100));
        Client client = server.connect();
        String stream = joins(client, 0);
        broadcast(1, 1);
        server.passes(Duration.ofSeconds(1));
        broadcast(2, 2);
        receivesKept(client, 1, 2);
        client.isCareless();
        client.sends("['3',null,'room:42','phx_leave',{}]");
        Client back = server.connect();
        returns(back, stream, 0, 2, true);
        receivesKept(back, 1, 2);
        passesQuietly(AGE.minusSeconds(1), back);
        isNotRecovered(stream, 0, 2);
        Client second = server.connect();
        returns(second, stream, 1, 2, true);
        second.receives(kept(2));
        passesQuietly(Duration.ofSeconds(1), back);
        isNotRecovered(stream, 1, 2);
        returns(server.connect(), stream, 2, 2, true);
        assertThat(server.hub.keptTopics().histories().bytes()).isZero();
    }

    /** Time passes without a timeout of silent clients. */
    private void passesQuietly(Duration time, Client present) {
        for (Duration left = time; left.isPositive(); left = left.minusSeconds(30)) {
            present.sends("[null,null,'phoenix','heartbeat',{}]");
            server.passes(left.compareTo(Duration.ofSeconds(30)) > 0 ? Duration.ofSeconds(30) : left);
        }
        present.isCareless();
        present.forgets();
    }

    @Test
    void theBoundInBytesDropsTheOldest() {
        serve(History.of(100, AGE, Chat.SAY).maxBytes(2_000));
        Client client = server.connect();
        String stream = joins(client, 0);
        for (int i = 1; i <= 3; i++) {
            server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text("x".repeat(300)));
        }
        server.settle();
        client.isCareless();
        assertThat(server.hub.keptTopics().histories().bytes()).isBetween(1_400L, 2_000L);
        isNotRecovered(stream, 0, 3);
        Client back = server.connect();
        back.isCareless();
        returns(back, stream, 1, 3, true);
        server.settle();
        assertThat(back.received()).hasSize(2);

        server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text("x".repeat(2_000)));
        server.settle();
        assertThat(server.hub.keptTopics().histories().bytes()).isZero();
        isNotRecovered(stream, 3, 4);
        returns(server.connect(), stream, 4, 4, true);
    }

    @Test
    void aHistoryOutlivesTheLastMemberByItsAge() {
        serve(keeps(100));
        Client client = server.connect();
        String stream = joins(client, 0);
        client.drops();
        broadcast(1, 1);
        assertThat(server.hub.topics()).isEqualTo(1);
        server.passes(AGE.minusSeconds(1));
        broadcast(2, 2);
        Client back = server.connect();
        returns(back, stream, 0, 2, true);
        receivesKept(back, 1, 2);
        back.drops();
        server.passes(AGE.minusSeconds(1));
        assertThat(server.hub.topics()).isEqualTo(1);
        broadcast(3, 3);
        server.passes(Duration.ofSeconds(1));
        assertThat(server.hub.topics()).isZero();
        Client later = server.connect();
        assertThat(joins(later, 0)).isNotEqualTo(stream);
    }

    @Test
    void theSenderThatABroadcastSkippedGetsItWhenItComesBack() {
        serve(keeps(100));
        Client ana = server.connect();
        Client ben = server.connect();
        String stream = joins(ana, 0);
        joins(ben, 0);
        ana.sends("['3',null,'room:42','shout',{'text':'1'}]");
        ben.receives(kept(1));
        ana.drops();
        Client back = server.connect();
        returns(back, stream, 0, 1, true);
        back.receives(kept(1));
    }

    @Test
    void aSecondHistoryIsRefused() {
        var builder = Channel.join(join -> Join.ok("a")).history(keeps(1));
        assertThatThrownBy(() -> builder.history(keeps(2)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("name all events in one history");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{ }", "{\n}", "{'a':1}", "{ 'a' : { } }", "{'a':1,'history':[]}"})
    void theReplyHasThePayloadOfTheJoinHandlerAndTheHistory(String reply) {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok("a", join.payload(Raw.class)))
                        .history(keeps(1))
                        .build());
        Client client = server.connect();
        client.sends("['3','3','room:42','phx_join',%s]".formatted(reply));
        JsonNode response = JsonMapper.shared().readTree(client.next()).at("/4/response");
        assertThat(response.at("/history/token").asString()).startsWith("@");
        assertThat(response.has("a")).isEqualTo(reply.contains("a"));
    }
}
