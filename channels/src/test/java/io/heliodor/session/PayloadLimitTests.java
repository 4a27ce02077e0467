package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.event.Call;
import io.heliodor.event.Raw;
import io.heliodor.session.telemetry.Counter;
import io.heliodor.wire.V1Serializer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Large documents are served, and payloads beyond a limit of JSON are refused with a reply. */
class PayloadLimitTests {
    private static final String DEEP = "[".repeat(64) + "]".repeat(64);
    private static final String TOO_DEEP = refusal("is nested deeper than 64 levels");

    @AutoClose
    private final TestServer server = new TestServer();

    private final AtomicInteger joins = new AtomicInteger();
    private Client client;

    @BeforeEach
    void connect() {
        server.serve(
                "room:*",
                Channel.join(join -> {
                            joins.incrementAndGet();
                            return Join.ok("a");
                        })
                        .answer(Call.of("echo", Raw.class, Raw.class), (document, room) -> Reply.ok(document))
                        .answer(
                                Call.of("length", Chat.Text.class, Chat.Amount.class),
                                (text, room) ->
                                        Reply.ok(new Chat.Amount(text.text().length())))
                        .answer(Chat.PING, (nothing, room) -> Reply.ok())
                        .build());
        client = server.connect();
    }

    private static String refusal(String message) {
        return "{'status':'error','response':{'reason':'invalid_payload','field':'','message':'" + message + "'}}";
    }

    static String[] documents() {
        return new String[] {
            // a table of 2 500 rows of five fields
            IntStream.range(0, 2_500)
                    .mapToObj(row -> "{'id':" + row + ",'a':1,'b':2,'c':'x','d':null}")
                    .collect(Collectors.joining(",", "{'rows':[", "]}")),
            // JSON in JSON
            "{'x':'" + "{\\'id\\':1}".repeat(30_000) + "'}",
            // a text of many lines
            "{'x':'" + "line\\n".repeat(35_000) + "'}",
            // letters as Python's json.dumps writes them
            "{'x':'" + "\\u0436".repeat(11_000) + "'}"
        };
    }

    @ParameterizedTest
    @MethodSource("documents")
    void documentsWithAnyNumberOfKeysAndEscapesAreHandled(String document) {
        client.joins("3", "room:42");
        for (int ref = 0; ref < 7; ref++) {
            client.sends("['3','%d','room:42','echo',%s]".formatted(ref, document));
            client.receives("['3','%d','room:42','phx_reply',{'status':'ok','response':%s}]".formatted(ref, document));
        }
        assertThat(server.count(Counter.FRAMES_MALFORMED)).isZero();
    }

    @Test
    void theEscapesOfATextAreDecoded() {
        client.joins("3", "room:42");
        client.sends("['3','8','room:42','length',{'text':'" + "\\u0436\\n".repeat(100_000) + "'}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'ok','response':{'number':200000}}]");
    }

    static Arguments[] beyond() {
        return new Arguments[] {
            Arguments.of(DEEP, "is nested deeper than 64 levels"),
            Arguments.of(
                    "[" + "[{'a':".repeat(10_000) + "1" + "}]".repeat(10_000) + "]", "is nested deeper than 64 levels"),
            Arguments.of("{'a':" + "9".repeat(101) + "}", "contains a number of more than 100 characters"),
            Arguments.of("{'" + "k".repeat(1_001) + "':1}", "contains a key of more than 1000 bytes")
        };
    }

    @ParameterizedTest
    @MethodSource("beyond")
    void aPayloadBeyondALimitIsAnsweredAndNeverMalformed(String payload, String message) {
        client.joins("3", "room:42");
        for (int ref = 0; ref < 20; ref++) {
            client.sends("['3','%d','room:42','echo',%s]".formatted(ref, payload));
            client.receives("['3','%d','room:42','phx_reply',%s]".formatted(ref, refusal(message)));
        }
        assertThat(server.count(Counter.PAYLOADS_INVALID)).isEqualTo(20);
        assertThat(server.count(Counter.FRAMES_MALFORMED)).isZero();
        assertThat(client.closed()).isFalse();
    }

    @Test
    void aJoinBeyondALimitIsRefused() {
        for (int ref = 0; ref < 20; ref++) {
            client.sends("['%1$d','%1$d','room:42','phx_join',%2$s]".formatted(ref, DEEP));
            client.receives("['%1$d','%1$d','room:42','phx_reply',%2$s]".formatted(ref, TOO_DEEP));
        }
        server.settle();
        assertThat(joins).hasValue(0);
        assertThat(server.count(Counter.JOINS_REFUSED)).isEqualTo(20);
        client.joins("3", "room:42");
    }

    @Test
    void clientsOfVersionOneAreAnsweredAsWell() {
        Client old = server.connect(new V1Serializer());
        old.sends("{'payload':" + DEEP + ",'topic':'room:42','event':'phx_join','ref':'1'}");
        old.receives("{'topic':'room:42','event':'phx_reply','payload':" + TOO_DEEP + ",'ref':'1'}");
    }

    @Test
    void eventsWithoutAPayloadAreHandledWhateverIsInIt() {
        client.joins("3", "room:42");
        client.sends("[null,'4','phoenix','heartbeat'," + DEEP + "]");
        client.receives("[null,'4','phoenix','phx_reply',{'status':'ok','response':{}}]");
        client.sends("['3','5','room:42','phx_leave'," + DEEP + "]");
        client.receivesInAnyOrder(
                "['3','5','room:42','phx_reply',{'status':'ok','response':{}}]", "['3','3','room:42','phx_close',{}]");
    }

    @Test
    void framesBeyondALimitOfAnEarlierJoinAreStale() {
        client.joins("3", "room:42");
        client.sends("['2','8','room:42','echo'," + DEEP + "]", "['3','9','room:42','ping',{}]");
        client.receives("['3','9','room:42','phx_reply',{'status':'ok','response':{}}]");
        assertThat(server.count(Counter.FRAMES_STALE)).isEqualTo(1);
    }

    @Test
    void aThousandPayloadsBeyondALimitAreAnsweredAndAFloodOfThemIsClosed() {
        client.joins("3", "room:42");
        for (int ref = 0; ref < 1_000; ref++) {
            client.sends("['3','%d','room:42','echo',%s]".formatted(ref, DEEP));
            client.receives("['3','%d','room:42','phx_reply',%s]".formatted(ref, TOO_DEEP));
        }
        client.sends("['3','1','room:42','echo'," + DEEP + "]");
        client.isClosedWith(4429);
    }

    @Test
    void textBeyondALimitThatIsNotJsonIsNeverAnswered() {
        client.joins("3", "room:42");
        client.sends("['3','8','room:42','echo'," + DEEP + "}");
        client.sends("['3','9','room:42','ping',{}]");
        client.receives("['3','9','room:42','phx_reply',{'status':'ok','response':{}}]");
        assertThat(server.count(Counter.FRAMES_MALFORMED)).isEqualTo(1);
    }
}
