package io.heliodor.session;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.session.telemetry.Counter;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that send malformed messages, ping all the time, or send nothing. */
class SessionBoundTests {
    @AutoClose
    private final TestServer server = new TestServer();

    private Client client;

    @BeforeEach
    void connect() {
        server.serve(
                "room:*",
                Channel.join(join -> Join.ok("a"))
                        .answer(Chat.PING, (nothing, room) -> Reply.ok())
                        .build());
        client = server.connect();
    }

    private void isAlive() {
        client.sends("['3','8','room:42','ping',{}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'ok','response':{}}]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "no JSON",
                "{'topic':'room:42','event':'say','payload':{},'ref':'1'}",
                "['3','8','room:42','say']",
                "['3','8',42,'say',{}]",
                "['3','8','room:42',null,{}]",
                "['3',{},'room:42','say',{}]",
                "[['3'],'8','room:42','say',{}]",
                "['3','8','room:42','say',{}] ,"
            })
    void aMalformedMessageIsIgnoredAndCounted(String message) {
        client.joins("3", "room:42");
        client.sends(message);
        isAlive();
        assertThat(server.count(Counter.FRAMES_MALFORMED)).isEqualTo(1);
    }

    @Test
    void aFrameWithARefOfMoreThan255BytesIsMalformed() {
        client.joins("3", "room:42");
        client.sends("['3','%s','room:42','ping',{}]".formatted("r".repeat(256)));
        isAlive();
        assertThat(server.count(Counter.FRAMES_MALFORMED)).isEqualTo(1);
    }

    @Test
    void aBinaryMessageWithWrongLengthsIsMalformed() {
        client.joins("3", "room:42");
        client.sendsBinary(new byte[] {0, 1, 1, 1});
        client.sendsBinary(new byte[] {0, 1, 1, 1, 99, '3', '8', 't', 'e'});
        client.sendsBinary(new byte[] {9, 0, 0, 0, 0});
        client.sendsBinary(new byte[0]);
        isAlive();
        assertThat(server.count(Counter.FRAMES_MALFORMED)).isEqualTo(4);
    }

    @Test
    void fiveMalformedMessagesAreForgivenTheSixthIsNot() {
        client.joins("3", "room:42");
        for (int i = 0; i < 5; i++) {
            client.sends("[]");
        }
        isAlive();
        client.sends("[]");
        client.isClosedWith(4400);
        assertThat(server.count(Counter.CLOSED_MALFORMED)).isEqualTo(1);
        assertThat(server.count(Counter.FRAMES_MALFORMED)).isEqualTo(6);
    }

    @Test
    void oneMalformedMessageASecondIsForgiven() {
        for (int i = 0; i < 5; i++) {
            client.sends("[]");
        }
        for (int i = 0; i < 10; i++) {
            server.passes(Duration.ofSeconds(1));
            client.sends("[]");
            assertThat(client.closed()).as("closed after %d s", i + 1).isFalse();
        }
        server.passes(Duration.ofMillis(999));
        client.sends("[]");
        client.isClosedWith(4400);
    }

    @Test
    void noMoreThanFiveMalformedMessagesAreSavedUp() {
        server.passes(Duration.ofSeconds(50));
        client.sends("[]");
        server.passes(Duration.ofSeconds(50));
        for (int i = 0; i < 5; i++) {
            client.sends("[]");
        }
        assertThat(client.closed()).isFalse();
        client.sends("[]");
        client.isClosedWith(4400);
    }

    @Test
    void textThatIsNotUtf8EndsTheConnectionAtOnce() {
        client.sends(new byte[] {'[', '"', (byte) 0xc3, '"', ']'});
        client.isClosedWith(1007);
        assertThat(server.count(Counter.CLOSED_PROTOCOL)).isEqualTo(1);
    }

    @Test
    void aHundredPingsAreAnsweredAndTenASecondAfterThat() {
        for (int i = 0; i < 100; i++) {
            assertThat(client.pings()).as("answer to ping %d", i).isTrue();
        }
        server.passes(Duration.ofSeconds(1));
        for (int i = 0; i < 10; i++) {
            assertThat(client.pings()).as("answer to ping %d a second later", i).isTrue();
        }
        assertThat(client.pings()).isFalse();
        client.isClosedWith(4429);
        assertThat(server.count(Counter.CLOSED_PINGS)).isEqualTo(1);
    }

    @Test
    void aClientThatIsSilentFor60SecondsIsClosed() {
        server.sweep();
        server.sweep();
        server.passes(Duration.ofMillis(59_999));
        assertThat(client.closed()).isFalse();
        server.passes(Duration.ofMillis(1));
        client.isClosedWith(1001);
        assertThat(server.count(Counter.CLOSED_IDLE)).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"heartbeat", "event", "malformed", "binary", "ping", "pong"})
    void anyMessageOfAClientKeepsItAlive(String what) {
        for (int i = 0; i < 5; i++) {
            server.sweep();
            server.passes(Duration.ofSeconds(59));
            switch (what) {
                case "heartbeat" -> client.sends("[null,null,'phoenix','heartbeat',{}]");
                case "event" -> client.sends("['1',null,'room:1','ping',{}]");
                case "malformed" -> client.sends("[]");
                case "binary" -> client.sendsBinary(new byte[] {0, 0, 0, 1, 1, 't', 'e'});
                case "ping" -> assertThat(client.pings()).isTrue();
                default -> client.pongs();
            }
        }
        assertThat(client.closed()).isFalse();
        client.isCareless();
    }

    @Test
    void messagesToAClientDoNotKeepItAlive() {
        client.joins("3", "room:42");
        server.sweep();
        server.sweep();
        for (int i = 0; i < 5; i++) {
            server.passes(Duration.ofSeconds(11));
            server.hub.channels().broadcast("room:42", Chat.SAY, new Chat.Text("tick"));
            client.receives("[null,null,'room:42','say',{'text':'tick'}]");
        }
        server.passes(Duration.ofSeconds(5));
        client.isClosedWith(1001);
    }

    @Test
    void eachConnectionHasItsOwnClock() {
        server.sweep();
        server.passes(Duration.ofSeconds(30));
        Client later = server.connect();
        server.sweep();
        server.passes(Duration.ofSeconds(30));
        client.isClosedWith(1001);
        assertThat(later.closed()).isFalse();
        server.passes(Duration.ofSeconds(30));
        later.isClosedWith(1001);
    }

    @Test
    void aFloodOfMalformedMessagesAffectsNoOtherConnection() {
        Client other = server.connect();
        other.joins("3", "room:42");
        for (int i = 0; i < 10_000; i++) {
            client.sends("[\u0000".getBytes(UTF_8));
        }
        client.isClosedWith(4400);
        other.sends("['3','8','room:42','ping',{}]");
        other.receives("['3','8','room:42','phx_reply',{'status':'ok','response':{}}]");
        assertThat(server.count(Counter.FRAMES_MALFORMED)).isEqualTo(6);
    }

    private Client expiring(Duration time) {
        return server.connectFor(time);
    }

    @Test
    void aConnectionThatWasAcceptedForATimeIsClosedWhenItIsOverHoweverBusyItIs() {
        Client briefly = expiring(Duration.ofSeconds(90));
        for (int i = 0; i < 8; i++) {
            server.passes(Duration.ofSeconds(10));
            briefly.session().pong();
            client.session().pong();
        }
        server.passes(Duration.ofMillis(9_999));
        assertThat(briefly.closed()).isFalse();
        server.passes(Duration.ofMillis(1));
        briefly.isClosedWith(1008);
        assertThat(client.closed()).isFalse();
        assertThat(server.count(Counter.CLOSED_EXPIRED)).isEqualTo(1);
    }

    @Test
    void aConnectionThatIsExtendedInTimeStaysOpen() {
        Client briefly = expiring(Duration.ofSeconds(20));
        server.passes(Duration.ofSeconds(19));
        briefly.session().extend(Duration.ofSeconds(30));
        server.passes(Duration.ofSeconds(29));
        assertThat(briefly.closed()).isFalse();
        server.passes(Duration.ofSeconds(1));
        briefly.isClosedWith(1008);
    }

    @Test
    void anEndMayBeGivenLater() {
        client.session().extend(Duration.ofSeconds(5));
        server.passes(Duration.ofSeconds(5));
        client.isClosedWith(1008);
    }

    @Test
    void anEndIsNotTooFar() {
        assertThatIllegalArgumentException().isThrownBy(() -> client.session().extend(Duration.ofDays(3_651)));
    }
}
