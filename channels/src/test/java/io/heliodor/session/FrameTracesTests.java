package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.Out;
import io.heliodor.channel.Reply;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.inspect.TraceTarget;
import io.heliodor.inspect.TracedFrame;
import io.heliodor.presence.Owner;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.Subscription;
import io.heliodor.session.lane.StreamedMessage;
import io.heliodor.wire.SupabaseSerializer;
import io.heliodor.wire.V1Serializer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The frames that traces of an endpoint get. */
class FrameTracesTests {
    private static final int MAX = 40;

    @AutoClose
    private final TestServer server = new TestServer();

    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    private void serve() {
        server.serve(
                "room:*",
                Channel.join(_ -> Join.ok(Empty.EMPTY))
                        .on(Chat.SAY, (text, in) -> in.broadcast(Chat.SAY, text))
                        .on(Chat.SHOUT, (text, in) -> in.broadcastFrom(Chat.SHOUT, text))
                        .on(Chat.GO, (_, in) -> in.push(Chat.SAY, new Chat.Text("pushed")))
                        .answer(Chat.ASK, (text, _) -> Reply.ok(new Chat.Text(text.text() + "!")))
                        .build());
    }

    private Subscription trace(TraceTarget target) {
        return server.hub.channels().inspection().trace(target, this::add);
    }

    private Subscription traceTopic(String topic) {
        return trace(new TraceTarget.OfTopic(topic));
    }

    private Subscription traceUser(String id) {
        return trace(new TraceTarget.User(id));
    }

    private void add(TracedFrame frame) {
        assertThat(frame.bytes()).isPositive();
        lines.add(frame.kind()
                + " " + frame.topic()
                + " " + frame.event()
                + (frame.status().isEmpty() ? "" : " " + frame.status())
                + (frame.count() == 1 ? "" : " x" + frame.count())
                + frame.payload().apply(MAX).map(text -> " " + text).orElse(""));
    }

    private static String token(String reply) {
        return HistoryToken.of(HistoryToken.stream(reply), HistoryToken.counter(reply));
    }

    private void traced(String... expected) {
        server.settle();
        assertThat(List.copyOf(lines)).containsExactly(expected);
        lines.clear();
    }

    @Test
    void theFramesOfAUserAreThoseOfItsConnectionsAlone() {
        serve();
        Client ana = server.connectAs("ana");
        Client ben = server.connectAs("ben");
        try (Subscription _ = traceUser("ana")) {
            ana.joins("1", "room:1");
            ben.joins("1", "room:1");
            traced("JOIN room:1 phx_join", "REPLY room:1 phx_join ok");

            ana.sends("['1','2','room:1','ask',{'text':'why'}]");
            ana.receives("['1','2','room:1','phx_reply',{'status':'ok','response':{'text':'why!'}}]");
            traced("MESSAGE room:1 ask {\"text\":\"why\"}", "REPLY room:1 ask ok {\"text\":\"why!\"}");

            ben.sends("['1','3','room:1','say',{'text':'hi'}]");
            ana.receives("[null,null,'room:1','say',{'text':'hi'}]");
            ben.receives("[null,null,'room:1','say',{'text':'hi'}]");
            traced("BROADCAST room:1 say {\"text\":\"hi\"}");

            ana.sends("['1','4','room:1','go',{}]");
            ana.receives("['1',null,'room:1','say',{'text':'pushed'}]");
            traced("MESSAGE room:1 go {}", "PUSH room:1 say {\"text\":\"pushed\"}");

            ana.sends("['1','5','room:1','phx_leave',{}]");
            ana.receives(
                    "['1','5','room:1','phx_reply',{'status':'ok','response':{}}]",
                    "['1','1','room:1','phx_close',{}]");
            traced("LEAVE room:1 phx_leave", "REPLY room:1 phx_leave ok", "CLOSE room:1 phx_close");
        }
    }

    @Test
    void theSenderOfABroadcastThatSkipsItHasNoLineForIt() {
        serve();
        Client ana = server.connectAs("ana");
        Client ben = server.connectAs("ben");
        ana.joins("1", "room:1");
        ben.joins("1", "room:1");
        try (Subscription _ = traceUser("ana")) {
            ana.sends("['1','2','room:1','shout',{'text':'a'}]");
            ben.receives("[null,null,'room:1','shout',{'text':'a'}]");
            ben.sends("['1','2','room:1','shout',{'text':'b'}]");
            ana.receives("[null,null,'room:1','shout',{'text':'b'}]");
            traced("MESSAGE room:1 shout {\"text\":\"a\"}", "BROADCAST room:1 shout {\"text\":\"b\"}");
        }
    }

    @Test
    void aBroadcastInTheTraceOfATopicIsOneLineWithTheNumberOfMembers() {
        serve();
        List<Client> clients = List.of(server.connectAs("ana"), server.connectAs("ben"), server.connectAs("eve"));
        clients.forEach(client -> client.joins("1", "room:1"));
        try (Subscription _ = traceTopic("room:1")) {
            server.hub.channels().broadcast("room:1", Chat.SAY, new Chat.Text("hi"));
            server.hub.channels().broadcast("room:2", Chat.SAY, new Chat.Text("elsewhere"));
            clients.forEach(client -> client.receives("[null,null,'room:1','say',{'text':'hi'}]"));
            traced("BROADCAST room:1 say x3 {\"text\":\"hi\"}");

            clients.getFirst().sends("['1','2','room:1','ask',{'text':'a'}]", "[null,'3','phoenix','heartbeat',{}]");
            clients.getFirst()
                    .receives(
                            "[null,'3','phoenix','phx_reply',{'status':'ok','response':{}}]",
                            "['1','2','room:1','phx_reply',{'status':'ok','response':{'text':'a!'}}]");
            traced("MESSAGE room:1 ask {\"text\":\"a\"}", "REPLY room:1 ask ok {\"text\":\"a!\"}");
        }
    }

    @Test
    void payloadsOfTheProtocolAreNeverRead() {
        serve();
        Client ana = server.connectAs("ana");
        try (Subscription _ = traceUser("ana")) {
            ana.sends("['1','1','room:1','phx_join',{'password':'p4ss'}]", "[null,'2','phoenix','heartbeat',{'a':1}]");
            ana.receivesInAnyOrder(
                    "['1','1','room:1','phx_reply',{'status':'ok','response':{}}]",
                    "[null,'2','phoenix','phx_reply',{'status':'ok','response':{}}]");
            server.settle();
            assertThat(lines)
                    .containsExactlyInAnyOrder(
                            "JOIN room:1 phx_join",
                            "REPLY room:1 phx_join ok",
                            "MESSAGE phoenix heartbeat",
                            "REPLY phoenix heartbeat ok");
            lines.clear();
            server.hub.channels().push("ana", Chat.SAY, new Chat.Text("of the connection"));
            ana.receives("[null,null,'phoenix','say',{'text':'of the connection'}]");
            traced("PUSH phoenix say");
        }
    }

    @Test
    void aReplyToARequestBeforeTheTraceHasTheEventOfTheProtocol() {
        Gate gate = server.gate();
        server.serve(
                "room:*",
                Channel.join(_ -> Join.ok(Empty.EMPTY))
                        .answer(Chat.ASK, (text, _) -> {
                            gate.pass();
                            return Reply.ok(text);
                        })
                        .build());
        Client ana = server.connectAs("ana");
        ana.joins("1", "room:1");
        ana.sends("['1','2','room:1','ask',{'text':'a'}]");
        server.awaitReached(gate);
        try (Subscription _ = traceUser("ana")) {
            gate.open();
            ana.receives("['1','2','room:1','phx_reply',{'status':'ok','response':{'text':'a'}}]");
            traced("REPLY room:1 phx_reply ok");
        }
    }

    @Test
    void refusalsAndBytesThatAreNotAFrameAreLines() {
        serve();
        Client ana = server.connectAs("ana");
        ana.joins("1", "room:1");
        try (Subscription _ = traceUser("ana")) {
            ana.sends("['2','2','other:1','phx_join',{}]");
            ana.receives("[null,'2','other:1','phx_reply',{'status':'error','response':{'reason':'unmatched topic'}}]");
            ana.sends("{'not':'a frame'}");
            traced("JOIN other:1 phx_join", "REPLY other:1 phx_join error", "MALFORMED  ");
        }
    }

    @Test
    void theMessagesThatAClientMissedAreOneLine() {
        server.serve(
                "kept:*",
                Channel.join(_ -> Join.ok(Empty.EMPTY))
                        .history(History.of(100, Duration.ofMinutes(5), Chat.SAY))
                        .build());
        Client ben = server.connectAs("ben");
        ben.sends("['1','1','kept:1','phx_join',{}]");
        String token = token(ben.next());
        server.hub.channels().broadcast("kept:1", Chat.SAY, new Chat.Text("one"));
        server.hub.channels().broadcast("kept:1", Chat.SAY, new Chat.Text("two"));
        assertThat(ben.next()).contains("one");
        assertThat(ben.next()).contains("two");
        Client ana = server.connectAs("ana");
        try (Subscription _ = traceUser("ana")) {
            ana.sends("['1','1','kept:1','phx_join',{'since':'%s'}]".formatted(token));
            assertThat(ana.next()).contains("recovered");
            assertThat(ana.next()).contains("one");
            assertThat(ana.next()).contains("two");
            traced("JOIN kept:1 phx_join", "REPLY kept:1 phx_join ok", "REPLAY kept:1  x2");
        }
    }

    @Test
    void anInterceptedBroadcastIsAPushOfEachMember() {
        server.serve(
                "room:*",
                Channel.join(_ -> Join.ok(Empty.EMPTY))
                        .intercept(Chat.SAY, (text, _) -> Out.replace(new Chat.Text(text.text() + "?")))
                        .build());
        Client ana = server.connectAs("ana");
        ana.joins("1", "room:1");
        try (Subscription _ = traceUser("ana")) {
            server.hub.channels().broadcast("room:1", Chat.SAY, new Chat.Text("a"));
            ana.receives("[null,null,'room:1','say',{'text':'a?'}]");
            traced("PUSH room:1 say {\"text\":\"a?\"}");
        }
    }

    @Test
    void whatIsBroadcastWhileAUserJoinsFollowsTheReply() {
        Gate gate = server.gate();
        server.serve(
                "room:*",
                Channel.join(_ -> {
                            gate.pass();
                            return Join.ok(Empty.EMPTY);
                        })
                        .build());
        Client ana = server.connectAs("ana");
        try (Subscription _ = traceUser("ana")) {
            ana.sends("['1','1','room:1','phx_join',{}]");
            server.awaitReached(gate);
            server.hub.channels().broadcast("room:1", Chat.SAY, new Chat.Text("early"));
            gate.open();
            ana.receives(
                    "['1','1','room:1','phx_reply',{'status':'ok','response':{}}]",
                    "[null,null,'room:1','say',{'text':'early'}]");
            traced("JOIN room:1 phx_join", "REPLY room:1 phx_join ok", "BROADCAST room:1 say {\"text\":\"early\"}");
        }
    }

    record Online(String text) {}

    @Test
    void aLargeMessageThatIsWrittenInPiecesIsALineWithoutAPayload() {
        Presence<Online> presence = Presence.over(server.pubsub, Online.class);
        server.serve(
                "room:*",
                Channel.join(_ -> Join.ok(Empty.EMPTY))
                        .onJoined(room -> presence.follow(room, "agents", "agents"))
                        .build());
        Client ana = server.connectAs("ana");
        ana.sends("['1','1','room:1','phx_join',{}]");
        assertThat(ana.next()).contains("phx_reply");
        assertThat(ana.next()).contains("agents_state");
        List<Long> sizes = new ArrayList<>();
        try (Subscription _ = traceTopic("room:1");
                Subscription _ = server.hub
                        .channels()
                        .inspection()
                        .trace(new TraceTarget.User("ana"), frame -> sizes.add(frame.bytes()))) {
            presence.track(Owner.of("agents"), "ben", new Online("x".repeat(2 * StreamedMessage.LARGE)));
            int length = ana.next().length();
            traced("PUSH room:1 agents_diff");
            assertThat(sizes).containsExactly((long) length);
        }
        presence.close();
    }

    @Test
    void otherVersionsOfTheWireAreReadAsWell() {
        serve();
        Client one = server.connect(new V1Serializer());
        Client supabase = server.connect(new SupabaseSerializer());
        supabase.joins("1", "room:1");
        try (Subscription _ = traceTopic("room:1")) {
            one.sends("{'topic':'room:1','event':'phx_join','payload':{},'ref':'1'}");
            assertThat(one.next()).contains("phx_reply");
            one.sends("{'topic':'room:1','event':'ask','payload':{'text':'a'},'ref':'2'}");
            assertThat(one.next()).contains("a!");
            one.sends("{'topic':'room:1','event':'go','payload':{},'ref':null}");
            assertThat(one.next()).contains("pushed");
            traced(
                    "JOIN room:1 phx_join",
                    "REPLY room:1 phx_join ok",
                    "MESSAGE room:1 ask {\"text\":\"a\"}",
                    "REPLY room:1 ask ok {\"text\":\"a!\"}",
                    "MESSAGE room:1 go {}",
                    "PUSH room:1 say {\"text\":\"pushed\"}");
            supabase.sends("['1','2','room:1','ask',{'text':'b'}]");
            assertThat(supabase.next()).contains("b!");
            traced("MESSAGE room:1 ask {\"text\":\"b\"}", "REPLY room:1 ask ok {\"text\":\"b!\"}");
        }
    }

    @Test
    void aRequestWithALongNameIsNotRemembered() {
        serve();
        Client ana = server.connectAs("ana");
        String name = "x".repeat(256);
        try (Subscription _ = traceUser("ana")) {
            ana.sends(
                    "['1','2','room:1','%s',{}]".formatted(name),
                    "['1','3','room:1','%s',{}]".formatted(name.substring(1)));
            server.settle();
            assertThat(lines.stream().filter(line -> line.startsWith("REPLY")))
                    .satisfiesExactly(
                            line -> assertThat(line).isEqualTo("REPLY room:1 phx_reply error"),
                            line -> assertThat(line).startsWith("REPLY room:1 " + name.substring(1) + " error"));
            String reply =
                    "[null,'%s','room:1','phx_reply',{'status':'error','response':{'reason':'unmatched topic'}}]";
            ana.receives(reply.formatted(2), reply.formatted(3));
        }
    }

    @Test
    void aReplyWhoseRefTwoRequestsHaveIsNotShown() {
        Gate gate = server.gate();
        server.serve(
                "room:*",
                Channel.join(_ -> {
                            gate.pass();
                            return Join.ok(Empty.EMPTY, new Chat.Text("s3cret"));
                        })
                        .answer(Chat.ASK, (text, _) -> Reply.ok(text))
                        .build());
        Client ana = server.connectAs("ana");
        try (Subscription _ = traceUser("ana")) {
            ana.sends("['1','1','room:1','phx_join',{}]");
            server.awaitReached(gate);
            ana.sends("['1','1','room:1','ask',{'text':'a'}]");
            gate.open();
            ana.receives(
                    "['1','1','room:1','phx_reply',{'status':'ok','response':{'text':'s3cret'}}]",
                    "['1','1','room:1','phx_reply',{'status':'ok','response':{'text':'a'}}]");
            traced(
                    "JOIN room:1 phx_join",
                    "MESSAGE room:1 ask {\"text\":\"a\"}",
                    "REPLY room:1 phx_reply ok",
                    "REPLY room:1 phx_reply ok");
        }
    }

    @Test
    void anIdOfManyConnectionsHasTheBroadcastsToItsMembersAlone() {
        serve();
        List<Client> guests =
                Stream.generate(() -> server.connectAs("guest")).limit(5).toList();
        guests.getFirst().joins("1", "room:1");
        guests.getLast().joins("1", "room:1");
        Client eve = server.connectAs("eve");
        eve.joins("1", "room:2");
        try (Subscription _ = traceUser("guest")) {
            server.hub.channels().broadcast("room:2", Chat.SAY, new Chat.Text("elsewhere"));
            eve.receives("[null,null,'room:2','say',{'text':'elsewhere'}]");
            server.hub.channels().broadcast("room:1", Chat.SAY, new Chat.Text("a"));
            guests.getFirst().receives("[null,null,'room:1','say',{'text':'a'}]");
            guests.getLast().receives("[null,null,'room:1','say',{'text':'a'}]");
            traced("BROADCAST room:1 say {\"text\":\"a\"}", "BROADCAST room:1 say {\"text\":\"a\"}");
            guests.getFirst().sends("['1','2','room:1','shout',{'text':'b'}]");
            guests.getLast().receives("[null,null,'room:1','shout',{'text':'b'}]");
            traced("MESSAGE room:1 shout {\"text\":\"b\"}", "BROADCAST room:1 shout {\"text\":\"b\"}");
        }
    }

    @Test
    void membersThatGetNoBytesAreNotCounted() {
        Event<ByteBuffer> sketch = Event.of("sketch", ByteBuffer.class);
        serve();
        Client two = server.connect();
        Client one = server.connect(new V1Serializer());
        one.sends("{'topic':'room:1','event':'phx_join','payload':{},'ref':'1'}");
        assertThat(one.next()).contains("phx_reply");
        try (Subscription _ = traceTopic("room:1")) {
            server.hub.channels().broadcast("room:1", sketch, ByteBuffer.wrap(new byte[] {1, 2, 3}));
            traced();
            two.joins("1", "room:1");
            lines.clear();
            server.hub.channels().broadcast("room:1", sketch, ByteBuffer.wrap(new byte[] {1, 2, 3}));
            two.receives("\2\6\6room:1sketch\1\2\3");
            traced("BROADCAST room:1 sketch");
        }
    }

    @Test
    void aLongPayloadIsCutBetweenCharacters() {
        serve();
        Client ana = server.connectAs("ana");
        ana.joins("1", "room:1");
        try (Subscription _ = traceUser("ana")) {
            String long1 = "x".repeat(MAX - 10) + "\u20ac\u20ac";
            ana.sends("['1',null,'room:1','shout',{'text':'%s'}]".formatted(long1));
            traced("MESSAGE room:1 shout {\"text\":\"" + "x".repeat(MAX - 10) + "…");
        }
    }

    @Test
    void nothingIsActiveBeforeAndAfterATrace() {
        serve();
        Client ana = server.connectAs("ana");
        ana.joins("1", "room:1");
        assertThat(server.hub.traces().isActive()).isFalse();
        Subscription one = traceUser("ana");
        Subscription other = traceTopic("room:1");
        one.close();
        assertThat(server.hub.traces().isActive()).isTrue();
        other.close();
        other.close();
        assertThat(server.hub.traces().isActive()).isFalse();
        ana.sends("['1','2','room:1','ask',{'text':'a'}]");
        assertThat(ana.next()).contains("a!");
        traced();
    }

    @Test
    void anObserverThatThrowsDisturbsNothing() {
        serve();
        Client ana = server.connectAs("ana");
        try (Subscription _ = server.hub.channels().inspection().trace(new TraceTarget.User("ana"), _ -> {
            throw new IllegalStateException("a fault of the observer");
        })) {
            ana.joins("1", "room:1");
        }
        assertThat(RecordedLog.linesAbout("An observer of frames failed")).isNotEmpty();
        RecordedLog.clear();
        assertThat(Optional.of(server.hub.traces().isActive())).hasValue(false);
    }
}
