package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.examples.RoomChannel.User;
import io.heliodor.examples.RoomEvents.Said;
import io.heliodor.fixtures.Page;
import io.heliodor.token.Secret;
import io.heliodor.token.Tokens;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** The typed room, over the network. */
class RoomChannelTests {
    private static final String SESAME = "{\"password\":\"sesame\"}";
    private static final String JOINED = "{\"status\":\"ok\",\"response\":{}}";

    private static final RoomChannel.Store STORE = new RoomChannel.Store() {
        @Override
        public boolean opens(String room, String password) {
            return password.equals("sesame");
        }

        @Override
        public long save(String room, Said said) {
            return 7;
        }
    };

    private static final Tokens<User> TOKENS = Connecting.tokens(Secret.fresh());

    @AutoClose
    private final Endpoint endpoint = Servers.serve(Connecting.socket(TOKENS, new RoomChannel(STORE)));

    @AutoClose
    private final Page ana = Page.signedIn(endpoint.port(), token("ana"));

    @AutoClose
    private final Page ben = Page.signedIn(endpoint.port(), token("ben"));

    private static String token(String user) {
        return TOKENS.sign(new User(user, user));
    }

    @Test
    void aMessageIsAnsweredAndReachesTheOthers() throws InterruptedException {
        ana.join("room:lobby", SESAME);
        ben.join("room:lobby", SESAME);
        assertThat(ana.asks("room:lobby", "new_msg", "{\"body\":\"hi\"}"))
                .isEqualTo("{\"status\":\"ok\",\"response\":{\"id\":7}}");
        assertThat(ben.next("room:lobby", "said")).isEqualTo("{\"by\":\"ana\",\"body\":\"hi\"}");
        assertThat(ana.next("room:lobby", "said")).isEqualTo("{\"by\":\"ana\",\"body\":\"hi\"}");
    }

    @Test
    void typingReachesTheOthersAlone() throws InterruptedException {
        ana.join("room:lobby", SESAME);
        ben.join("room:lobby", SESAME);
        ana.sends("room:lobby", "typing", "{\"active\":true}");
        ben.sends("room:lobby", "typing", "{\"active\":false}");
        assertThat(ana.next("room:lobby", "typing")).isEqualTo("{\"active\":false}");
        assertThat(ben.next("room:lobby", "typing")).isEqualTo("{\"active\":true}");
    }

    @Test
    void aWrongPasswordIsRefused() throws InterruptedException {
        assertThat(ana.join("room:lobby", "{\"password\":\"please\"}"))
                .isEqualTo("{\"status\":\"error\",\"response\":{\"reason\":\"unauthorized\"}}");
    }

    @Test
    void aJoinWithoutAPasswordIsRefusedNamingTheField() throws InterruptedException {
        assertThat(ana.join("room:lobby", "{}"))
                .isEqualTo("{\"status\":\"error\",\"response\":"
                        + "{\"reason\":\"invalid_payload\",\"field\":\"password\",\"message\":\"is missing\"}}");
    }

    @Test
    void aMessageThatIsTooLongIsRefusedNamingTheField() throws InterruptedException {
        ana.join("room:lobby", SESAME);
        assertThat(ana.asks("room:lobby", "new_msg", "{\"body\":\"" + "a".repeat(2_001) + "\"}"))
                .isEqualTo("{\"status\":\"error\",\"response\":{\"reason\":\"invalid_payload\","
                        + "\"field\":\"body\",\"message\":\"must be at most 2000 characters\"}}");
        assertThat(ana.asks("room:lobby", "new_msg", "{\"body\":\"short\"}")).contains("\"id\":7");
    }

    @Test
    void aMutedUserGetsANoticeAndIsRefused() throws InterruptedException {
        ana.join("room:lobby", SESAME);
        ben.join("room:lobby", SESAME);
        // The reply to a join precedes onJoined: an event of each channel is handled after onJoined.
        ana.asks("room:lobby", "unknown", "{}");
        ben.asks("room:lobby", "unknown", "{}");
        endpoint.pubsub().broadcast(RoomChannel.MUTES, new RoomChannel.Mute("ben", "ana"));
        assertThat(ben.next("room:lobby", "notice")).isEqualTo("{\"text\":\"muted by ana\"}");
        assertThat(ben.asks("room:lobby", "new_msg", "{\"body\":\"hi\"}"))
                .isEqualTo("{\"status\":\"error\",\"response\":{\"reason\":\"muted\"}}");
        assertThat(ana.asks("room:lobby", "new_msg", "{\"body\":\"hi\"}")).contains("\"id\":7");
    }

    @Test
    void anExpiredTokenIsRefusedWith403() {
        String expired = TOKENS.sign(new User("mallory", "mallory"), Duration.ZERO);
        assertThatThrownBy(() -> Page.signedIn(endpoint.port(), expired))
                .cause()
                .isInstanceOfSatisfying(
                        WebSocketHandshakeException.class,
                        refusal ->
                                assertThat(refusal.getResponse().statusCode()).isEqualTo(403));
    }

    @Test
    void aUserIsDisconnectedByTheIdOfTheSocket() throws InterruptedException {
        ben.join("room:lobby", SESAME);
        endpoint.channels().disconnect("users:ben");
        assertThat(ben.receives()).isEqualTo("closed with 1001");
        assertThat(ana.join("room:lobby", SESAME)).isEqualTo(JOINED);
    }
}
