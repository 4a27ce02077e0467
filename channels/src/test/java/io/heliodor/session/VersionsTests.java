package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.History;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.channel.Stop;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.wire.Serializer;
import io.heliodor.wire.SupabaseSerializer;
import io.heliodor.wire.V1Serializer;
import io.heliodor.wire.V2TextSerializer;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients of other versions of the wire than 2.0.0, alone and together with one of that. */
class VersionsTests {
    private static final Serializer V1 = new V1Serializer();
    private static final Serializer TEXT = new V2TextSerializer();
    private static final Serializer SUPABASE = new SupabaseSerializer();
    private static final Event<ByteBuffer> BIN = Event.of("bin", ByteBuffer.class);
    private static final Event<ByteBuffer> BROADCAST = Event.of("broadcast", ByteBuffer.class);

    @AutoClose
    private final TestServer server = new TestServer();

    @BeforeEach
    void serve() {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok("a"))
                        .on(Chat.SAY, (text, room) -> switch (text.text()) {
                            case "stop" -> Stop.because("enough");
                            case "crash" -> throw new IllegalStateException("crash");
                            default -> {
                                room.push(Chat.SAY, text);
                                yield room.broadcast(Chat.SHOUT, text);
                            }
                        })
                        .answer(Chat.ASK, (text, room) -> Reply.ok(text))
                        .answer(
                                Call.of("bytes", Chat.Amount.class, ByteBuffer.class),
                                (input, room) -> Reply.ok(ByteBuffer.allocate(input.number())))
                        .answer(Call.of("copy", ByteBuffer.class, ByteBuffer.class), (bytes, room) -> Reply.ok(bytes))
                        .on(BIN, (bytes, room) -> {
                            room.push(BIN, bytes);
                            return room.broadcast(BIN, bytes);
                        })
                        .on(
                                Event.of("broadcast", Raw.class),
                                (text, room) -> room.broadcast(Event.of("broadcast", Raw.class), text))
                        .on(BROADCAST, (bytes, room) -> room.broadcast(BROADCAST, bytes))
                        .build());
    }

    @Test
    void aClientOfVersionOneIsServedInItsOwnFormat() {
        Client client = server.connect(V1);
        client.sends("{'topic':'phoenix','event':'heartbeat','payload':{},'ref':'1'}");
        client.receives("{'topic':'phoenix','event':'phx_reply','payload':{'status':'ok','response':{}},'ref':'1'}");
        joins(client, "'2','join_ref':'2'");
        client.sends("{'topic':'room:1','event':'say','payload':{'text':'x'},'ref':'3','join_ref':'2'}");
        client.receives(
                "{'topic':'room:1','event':'say','payload':{'text':'x'},'ref':null}",
                "{'topic':'room:1','event':'shout','payload':{'text':'x'},'ref':null}");
        client.sends("{'topic':'room:1','event':'ask','payload':{'text':'y'},'ref':'4','join_ref':'2'}");
        client.receives("{'topic':'room:1','event':'phx_reply',"
                + "'payload':{'status':'ok','response':{'text':'y'}},'ref':'4'}");
        client.sends("{'topic':'room:1','event':'ask','payload':{'text':'late'},'ref':'5','join_ref':'1'}");
        server.awaitCount(Counter.FRAMES_STALE, 1);
    }

    @Test
    void aCloseAndAnErrorCarryTheJoinRefAsTheirRef() {
        Client client = server.connect(V1);
        joins(client, "'2','join_ref':'7'");
        client.sends("{'topic':'room:1','event':'phx_leave','payload':{},'ref':'3','join_ref':'7'}");
        client.receives(
                "{'topic':'room:1','event':'phx_reply','payload':{'status':'ok','response':{}},'ref':'3'}",
                "{'topic':'room:1','event':'phx_close','payload':{},'ref':'7'}");
        joins(client, "'4','join_ref':'8'");
        client.sends("{'topic':'room:1','event':'say','payload':{'text':'crash'},'ref':'5'}");
        client.receives("{'topic':'room:1','event':'phx_error','payload':{'reason':'channel_crash'},'ref':'8'}");
    }

    @Test
    void aClientThatGivesNoJoinRefGetsNone() {
        Client client = server.connect(V1);
        joins(client, "'2'");
        client.sends("{'topic':'room:1','event':'phx_leave','payload':{},'ref':'3'}");
        client.receives(
                "{'topic':'room:1','event':'phx_reply','payload':{'status':'ok','response':{}},'ref':'3'}",
                "{'topic':'room:1','event':'phx_close','payload':{},'ref':null}");
        joins(client, "'4'");
        client.sends("{'topic':'room:1','event':'say','payload':{'text':'stop'},'ref':'5'}");
        client.receives("{'topic':'room:1','event':'phx_close','payload':{},'ref':null}");
    }

    @Test
    void aJoinWithoutJoinRefIsIdentifiedByItsRef() {
        Client client = server.connect(V1);
        joins(client, "'2'");
        client.sends("{'topic':'room:1','event':'say','payload':{'text':'stop'},'ref':'3','join_ref':'1'}");
        server.awaitCount(Counter.FRAMES_STALE, 1);
        client.sends("{'topic':'room:1','event':'ask','payload':{'text':'y'},'ref':'4','join_ref':'2'}");
        client.receives("{'topic':'room:1','event':'phx_reply',"
                + "'payload':{'status':'ok','response':{'text':'y'}},'ref':'4'}");
    }

    @Test
    void aReplacedChannelSendsACloseOnlyToAClientThatCanDistinguishItFromTheNewOne() {
        Client client = server.connect(V1);
        joins(client, "'2'");
        joins(client, "'3'");
        joins(client, "'4','join_ref':'4'");
        client.sends("{'topic':'room:1','event':'phx_join','payload':{},'ref':'5','join_ref':'5'}");
        client.receives(
                "{'topic':'room:1','event':'phx_close','payload':{},'ref':'4'}",
                "{'topic':'room:1','event':'phx_reply','payload':{'status':'ok','response':{}},'ref':'5'}");

        Client two = server.connect();
        two.sends("[null,null,'room:1','phx_join',{}]");
        two.receives("[null,null,'room:1','phx_reply',{'status':'ok','response':{}}]");
        two.sends("[null,'2','room:1','phx_join',{}]");
        two.receives("['2','2','room:1','phx_reply',{'status':'ok','response':{}}]");
    }

    @Test
    void eachMemberGetsABroadcastInItsVersion() {
        Client one = server.connect(V1);
        Client two = server.connect();
        Client text = server.connect(TEXT);
        Client supabase = server.connect(SUPABASE);
        joins(one, "'1'");
        two.joins("1", "room:1");
        text.joins("1", "room:1");
        supabase.joins("1", "room:1");
        server.hub.channels().broadcast("room:1", Chat.SHOUT, new Chat.Text("x"));
        one.receives("{'topic':'room:1','event':'shout','payload':{'text':'x'},'ref':null}");
        for (Client each : new Client[] {two, text, supabase}) {
            each.receives("[null,null,'room:1','shout',{'text':'x'}]");
        }
    }

    @Test
    void bytesAreSkippedAndCountedForTextOnlyMembers() {
        Client one = server.connect(V1);
        Client two = server.connect();
        Client text = server.connect(TEXT);
        joins(one, "'1'");
        two.joins("1", "room:1");
        text.joins("1", "room:1");
        two.sendsBinary(new byte[] {0, 1, 1, 6, 3, '1', '2', 'r', 'o', 'o', 'm', ':', '1', 'b', 'i', 'n', 'x'});
        two.receives("\0\1\6\3" + "1room:1binx", "\2\6\3room:1binx");
        server.awaitCount(Counter.BINARY_SKIPPED, 2);
        text.sendsBinary(new byte[] {0, 1, 1, 6, 3, '1', '2', 'r', 'o', 'o', 'm', ':', '1', 'b', 'i', 'n', 'y'});
        two.receives("\2\6\3room:1biny");
        server.awaitCount(Counter.BINARY_SKIPPED, 5);
    }

    @Test
    void aCallIsAnsweredInBytes() {
        Client two = server.connect();
        two.joins("1", "room:1");
        two.sends("['1','2','room:1','bytes',{'number':3}]");
        two.receives("\1\1\1\6\2" + "12room:1ok" + "\0\0\0");
        two.sendsBinary(new byte[] {0, 1, 1, 6, 4, '1', '3', 'r', 'o', 'o', 'm', ':', '1', 'c', 'o', 'p', 'y', 'x', 0});
        two.receives("\1\1\1\6\2" + "13room:1okx\0");
    }

    @Test
    void aReplyInBytesIsAnErrorForATextOnlyClient() {
        Client one = server.connect(V1);
        joins(one, "'1'");
        one.sends("{'topic':'room:1','event':'bytes','payload':{'number':1},'ref':'2'}");
        one.receives("{'topic':'room:1','event':'phx_reply',"
                + "'payload':{'status':'error','response':{'reason':'binary_unsupported'}},'ref':'2'}");
        Client text = server.connect(TEXT);
        text.joins("1", "room:1");
        text.sends("['1','2','room:1','bytes',{'number':1}]");
        text.receives("['1','2','room:1','phx_reply',{'status':'error','response':{'reason':'binary_unsupported'}}]");
    }

    @Test
    void binaryOfVersionOneIsMalformed() {
        Client client = server.connect(V1);
        client.sendsBinary(new byte[] {0, 1, 1, 6, 3, '1', '2', 'r', 'o', 'o', 'm', ':', '1', 'b', 'i', 'n', 'x'});
        client.sends("[null,'1','phoenix','heartbeat',{}]");
        server.awaitCount(Counter.FRAMES_MALFORMED, 2);
    }

    @Test
    void supabaseClientsGetEventsOfEachOtherAndOfTheOthers() {
        Client supabase = server.connect(SUPABASE);
        Client two = server.connect();
        Client one = server.connect(V1);
        supabase.joins("1", "room:1");
        two.joins("1", "room:1");
        joins(one, "'1'");
        supabase.sendsBinary(hex("03 01 01 06 01 00 01 31 32 72 6f 6f 6d 3a 31 63 7b 7d")); // {}, of the event c
        String json = "{'type':'broadcast','event':'c','payload':{}}";
        supabase.receives("[null,null,'room:1','broadcast'," + json + "]");
        two.receives("[null,null,'room:1','broadcast'," + json + "]");
        one.receives("{'topic':'room:1','event':'broadcast','payload':" + json + ",'ref':null}");

        supabase.sendsBinary(hex("03 01 01 06 01 00 00 31 33 72 6f 6f 6d 3a 31 63 78")); // the byte x
        supabase.receives("\4\6\1\0\0room:1cx");
        two.receives("\2\6\11room:1broadcast" + "\1\0cx");
        server.awaitCount(Counter.BINARY_SKIPPED, 1);
    }

    @Test
    void historyIsReplayedInEachVersion() {
        server.serve(
                "history:*",
                Channel.join(join -> Join.ok("a"))
                        .on(Chat.SAY, (text, room) -> {
                            room.broadcast(Chat.SHOUT, text);
                            return NoReply.none();
                        })
                        .history(History.of(10, Duration.ofMinutes(1), Chat.SHOUT))
                        .build());
        Client one = server.connect(V1);
        one.sends("{'topic':'history:1','event':'phx_join','payload':{},'ref':'1'}");
        String reply = one.next();
        String stream = HistoryToken.stream(reply);
        one.sends("{'topic':'history:1','event':'say','payload':{'text':'x'},'ref':'2'}");
        String shout = "{'topic':'history:1','event':'shout','payload':{'text':'x'},'ref':'@1'}";
        one.receives(shout);

        String since = "{'since':'" + HistoryToken.of(stream, 0) + "'}";
        one.sends("{'topic':'history:1','event':'phx_join','payload':" + since + ",'ref':'3'}");
        assertThat(one.next()).contains("\"recovered\":true").endsWith("\"ref\":\"3\"}");
        one.receives(shout);

        for (Client two : new Client[] {server.connect(TEXT), server.connect(SUPABASE)}) {
            two.sends("['3','3','history:1','phx_join'," + since + "]");
            assertThat(two.next()).contains("\"recovered\":true");
            two.receives("[null,'@1','history:1','shout',{'text':'x'}]");
            two.drops();
        }
        one.drops();
        server.await(() -> server.count(Counter.CHANNELS) == 0, () -> "the end of all channels");
        server.settle();
        server.hub.sweep(Duration.ofHours(1).toNanos());
    }

    private static void joins(Client client, String refs) {
        client.sends("{'topic':'room:1','event':'phx_join','payload':{},'ref':" + refs + "}");
        client.receives("{'topic':'room:1','event':'phx_reply','payload':{'status':'ok','response':{}},'ref':"
                + refs.split(",", -1)[0] + "}");
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }
}
