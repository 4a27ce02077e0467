package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.presence.Presence;
import io.heliodor.session.telemetry.Counter;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.event.Level;

/** Messages that channels send without having declared them: each is sent, counted, and logged once. */
class UndeclaredMessagesTests {
    private static final String JOINED = "['1','1','room:1','phx_reply',{'status':'ok','response':{}}]";

    @AutoClose
    private final TestServer server = new TestServer();

    private final Presence<Chat.Text> presence = Presence.over(server.pubsub, Chat.Text.class);

    @BeforeEach
    void clear() {
        RecordedLog.clear();
    }

    private static List<String> log() {
        return RecordedLog.lines(Level.WARN, "This is logged once.").stream()
                .map(RecordedLog.Line::text)
                .toList();
    }

    private Client join(UnaryOperator<Channel.Builder<Object, Empty>> definition) {
        server.serve(
                "room:*",
                definition.apply(Channel.join(join -> Join.ok(Empty.EMPTY))).build());
        Client client = server.connect();
        client.sends("['1','1','room:1','phx_join',{}]");
        return client;
    }

    @Test
    void aBroadcastIsCountedEachTimeAndLoggedOnce() {
        Client client = join(room -> room.sends(Chat.COUNT).on(Chat.GO, (nothing, in) -> {
            in.broadcast(Chat.SAY, new Chat.Text("a"));
            return in.broadcastFrom(Chat.SAY, new Chat.Text("b"));
        }));
        client.sends("['1',null,'room:1','go',{}]");
        client.receives(JOINED, "[null,null,'room:1','say',{'text':'a'}]");
        server.awaitCount(Counter.MESSAGES_UNDECLARED, 2);
        assertThat(log())
                .containsExactly("Channel room:* sends the event 'say' with a payload of io.heliodor.session.Chat$Text,"
                        + " which its definition does not declare; add .sends(...) with this event."
                        + " This is logged once.");
    }

    @Test
    void anEventOfOnIsUndeclaredUntilSendsHasItToo() {
        Client client = join(room ->
                room.sends().on(Chat.SAY, (said, in) -> in.broadcast(Chat.SAY, new Chat.Text(said.text()))));
        client.sends("['1',null,'room:1','say',{'text':'a'}]");
        client.receives(JOINED, "[null,null,'room:1','say',{'text':'a'}]");
        server.awaitCount(Counter.MESSAGES_UNDECLARED, 1);
        assertThat(log())
                .containsExactly("Channel room:* sends the event 'say' with a payload of io.heliodor.session.Chat$Text,"
                        + " which its definition receives with .on(...) and does not declare as sent; add .sends(...) with"
                        + " this event. This is logged once.");
    }

    @Test
    void anEventOfOnAndSendsIsDeclaredAlsoWithDifferentTypes() {
        Event<Chat.Amount> received = Event.of("say", Chat.Amount.class);
        Client client = join(room -> room.sends(Chat.SAY)
                .on(received, (amount, in) -> in.broadcast(Chat.SAY, new Chat.Text("" + amount.number()))));
        client.sends("['1',null,'room:1','say',{'number':7}]");
        client.receives(JOINED, "[null,null,'room:1','say',{'text':'7'}]");
        assertThat(log()).isEmpty();
    }

    @Test
    void aMisspelledEventIsReportedWithTheDeclaredOne() {
        Client client = join(room ->
                room.sends(Event.of("says", Chat.Text.class)).onJoined(in -> in.push(Chat.SAY, new Chat.Text("a"))));
        client.receives(JOINED, "['1',null,'room:1','say',{'text':'a'}]");
        assertThat(log())
                .singleElement()
                .asString()
                .contains("add .sends(...) with this event. Did you mean 'says'? This is logged once.");
    }

    @Test
    void aPushWithAnotherTypeIsUndeclared() {
        Client client = join(room ->
                room.sends(Event.of("say", Chat.Amount.class)).onJoined(in -> in.push(Chat.SAY, new Chat.Text("a"))));
        client.receives(JOINED, "['1',null,'room:1','say',{'text':'a'}]");
        assertThat(log())
                .containsExactly(
                        "Channel room:* sends the event 'say' with a payload of io.heliodor.session.Chat$Text, and its"
                                + " definition declares it with io.heliodor.session.Chat$Amount; send that type, or give one of"
                                + " the two events another name. This is logged once.");
    }

    @Test
    void broadcastsOfTheServerAreCheckedByTheChannelOfTheirTopic() {
        Client client = join(room -> room.sends(Chat.SAY));
        client.receives(JOINED);
        server.hub.channels().broadcast("room:1", Chat.SAY, new Chat.Text("a"));
        server.hub.channels().broadcast("elsewhere:1", Chat.COUNT, new Chat.Amount(1));
        assertThat(server.count(Counter.MESSAGES_UNDECLARED))
                .as("no channel serves elsewhere:1")
                .isOne();
        server.hub.channels().broadcast(List.of("elsewhere:1", "room:1"), Chat.COUNT, new Chat.Amount(1));
        assertThat(server.count(Counter.MESSAGES_UNDECLARED)).isEqualTo(3);
        client.receives("[null,null,'room:1','say',{'text':'a'}]", "[null,null,'room:1','count',{'number':1}]");
    }

    @Test
    void presencesAndCountsAreChecked() {
        Client client = join(room -> room.sends().followsCount("online").onJoined(in -> {
            presence.followCount(in, "agents:all", "online");
            presence.followCount(in, "agents:all", "viewers");
            presence.follow(in, "agents:all", "agents");
        }));
        client.receives(
                JOINED,
                "['1',null,'room:1','online_count',{'count':0}]",
                "['1',null,'room:1','viewers_count',{'count':0}]",
                "['1',null,'room:1','agents_state',{}]");
        assertThat(log())
                .containsExactly(
                        "Channel room:* sends a number of presences as 'viewers_count', which its definition does not"
                                + " declare; add .followsCount(\"viewers\"). This is logged once.",
                        "Channel room:* sends presences as 'agents_state', which its definition does not declare; add"
                                + " .follows(\"agents\", Meta.class) with the class of the metas. This is logged once.");
    }

    @Test
    void presencesOfTheOwnTopicAreChecked() {
        join(room -> room.sends().onJoined(presence::follow))
                .receives(JOINED, "['1',null,'room:1','presence_state',{}]");
        assertThat(log()).hasSize(1).allMatch(line -> line.contains("add .presence(Meta.class)"));
    }

    @Test
    void theReplyToAJoinIsChecked() {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(Empty.EMPTY, new Chat.Text("a")))
                        .sends()
                        .build());
        Client client = server.connect();
        client.sends("['1','1','room:1','phx_join',{}]");
        client.receives("['1','1','room:1','phx_reply',{'status':'ok','response':{'text':'a'}}]");
        assertThat(log())
                .containsExactly(
                        "Channel room:* replies to a join with io.heliodor.session.Chat$Text, and its definition"
                                + " declares no reply; add .joinReply(...) with the class of its replies. This is logged once.");
    }

    @Test
    void aDeclaredReplyIsWrittenAsItsType() {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok(Empty.EMPTY, new Shape.Circle(2)))
                        .sends()
                        .joinReply(Shape.class)
                        .build());
        Client client = server.connect();
        client.sends("['1','1','room:1','phx_join',{}]");
        client.receives("['1','1','room:1','phx_reply',{'status':'ok','response':{'type':'Circle','radius':2}}]");
        assertThat(log()).isEmpty();
    }

    sealed interface Shape {
        record Circle(int radius) implements Shape {}
    }

    @Test
    void anOpenChannelIsNotChecked() {
        Client client = join(room -> room.presence(Chat.Text.class).onJoined(in -> {
            presence.followCount(in, "agents:all", "viewers");
            in.push(Chat.SAY, new Chat.Text("a"));
        }));
        client.receives(
                JOINED, "['1',null,'room:1','viewers_count',{'count':0}]", "['1',null,'room:1','say',{'text':'a'}]");
        assertThat(server.count(Counter.MESSAGES_UNDECLARED)).isZero();
        assertThat(log()).isEmpty();
    }
}
