package io.heliodor.interop;

import static io.heliodor.interop.JavaClient.DEADLINE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.interop.JavaClient.Answer;
import io.heliodor.interop.JavaClient.Room;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import kotlin.Unit;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** JavaPhoenixClient, which many Android apps have, against the playground. It decodes all numbers as doubles. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class JavaPhoenixClientIT {
    private static final Answer OK = new Answer("ok", Map.of());
    private static final AtomicInteger ROOMS = new AtomicInteger();

    private static ServerProcess server;
    private static OkHttpClient http;

    private final List<JavaClient> clients = new ArrayList<>();
    private final String topic = "room:java-" + ROOMS.incrementAndGet();

    @BeforeAll
    static void start() throws Exception {
        server = new ServerProcess();
        http = new OkHttpClient();
    }

    @AfterAll
    static void stop() throws Exception {
        server.kill();
        http.dispatcher().executorService().shutdown();
        http.connectionPool().evictAll();
    }

    @AfterEach
    void disconnect() {
        clients.forEach(JavaClient::close);
    }

    private JavaClient client() {
        JavaClient client = new JavaClient(server, http);
        clients.add(client);
        return client;
    }

    private Room guest() throws Exception {
        return client().join(topic, Map.of());
    }

    private Room member(String user) throws Exception {
        return client().join(topic, Map.of("user", user));
    }

    @Test
    void aCallIsAnswered() throws Exception {
        Map<String, Object> payload = Map.of("text", "é, \"ü\" \\ [🟡]", "list", List.of(1.0, true, Map.of()));
        assertThat(guest().call("echo", payload)).isEqualTo(new Answer("ok", payload));
    }

    @Test
    void anErrorIsAnswered() throws Exception {
        Room room = guest();
        assertThat(room.call("fail", Map.of("reason", "no luck")))
                .isEqualTo(new Answer("error", Map.of("reason", "no luck")));
        assertThat(room.call("nothing", Map.of())).isEqualTo(new Answer("error", Map.of("reason", "unhandled_event")));
    }

    @Test
    void aJoinIsRefused() throws Exception {
        Room room = client().room("nowhere:1", Map.of());
        assertThat(room.join()).isEqualTo(new Answer("error", Map.of("reason", "unmatched topic")));
    }

    @Test
    void aBroadcastReachesAllMembersAndAWhisperTheOthers() throws Exception {
        Room ann = guest();
        Room bo = guest();
        List<Map<String, Object>> annHears = ann.collect("shout");
        List<Map<String, Object>> boHears = bo.collect("shout");
        List<Map<String, Object>> annIsTold = ann.collect("whisper");
        List<Map<String, Object>> boIsTold = bo.collect("whisper");
        ann.push("whisper", Map.of("n", 1.0));
        ann.push("shout", Map.of("text", "é,🟡"));
        await().atMost(DEADLINE).untilAsserted(() -> assertThat(boHears).containsExactly(Map.of("text", "é,🟡")));
        await().atMost(DEADLINE).untilAsserted(() -> assertThat(annHears).containsExactly(Map.of("text", "é,🟡")));
        assertThat(boIsTold).containsExactly(Map.of("n", 1.0));
        assertThat(annIsTold).isEmpty();
    }

    @Test
    void aPushComesBeforeTheReplyThatFollowsIt() throws Exception {
        Room room = guest();
        List<Map<String, Object>> pushed = room.collect("pushed");
        assertThat(room.call("push_me", Map.of("n", 7.0))).isEqualTo(OK);
        assertThat(pushed).containsExactly(Map.of("n", 7.0));
    }

    @Test
    void aClientThatLeavesGetsNothingAndMayJoinAgain() throws Exception {
        Room bo = guest();
        JavaClient client = client();
        Room ann = client.join(topic, Map.of());
        List<Map<String, Object>> received = ann.collect("shout");
        assertThat(ann.leave()).isEqualTo(OK);
        assertThat(ann.channel.isClosed()).isTrue();
        Room again = client.join(topic, Map.of());
        List<Map<String, Object>> heardAgain = again.collect("shout");
        bo.push("shout", Map.of());
        await().atMost(DEADLINE).untilAsserted(() -> assertThat(heardAgain).hasSize(1));
        assertThat(received).isEmpty();
    }

    @Test
    void aStoppedChannelIsClosed() throws Exception {
        Room room = guest();
        room.push("stop", Map.of());
        await().atMost(DEADLINE)
                .untilAsserted(() -> assertThat(room.channel.isClosed()).isTrue());
        assertThat(room.closes).hasSize(1);
        assertThat(room.errors).isEmpty();
    }

    @Test
    void aCrashedChannelJoinsAgainAndTheOthersContinue() throws Exception {
        JavaClient client = client();
        Room room = client.join(topic, Map.of());
        Room other = client.join(topic + "-other", Map.of());
        room.push("crash", Map.of());
        await().atMost(DEADLINE).untilAsserted(() -> assertThat(room.errors).hasSize(1));
        assertThat(room.errors.getFirst().getPayload()).isEqualTo(Map.of("reason", "channel_crash"));
        room.isJoined();
        assertThat(room.call("echo", Map.of())).isEqualTo(OK);
        assertThat(other.call("echo", Map.of())).isEqualTo(OK);
        assertThat(other.errors).isEmpty();
    }

    @Test
    void heartbeatsAreAnswered() {
        JavaClient client = client();
        AtomicInteger answered = new AtomicInteger();
        client.socket().onMessage(message -> {
            if (message.getTopic().equals("phoenix") && message.getEvent().equals("phx_reply")) {
                answered.incrementAndGet();
            }
            return Unit.INSTANCE;
        });
        for (int beat = 1; beat <= 3; beat++) {
            client.socket().sendHeartbeat$JavaPhoenixClient();
            await().atMost(DEADLINE).untilAtomic(answered, org.hamcrest.Matchers.equalTo(beat));
        }
    }

    @Test
    void usersThatComeAndGoAreSeen() throws Exception {
        Room ann = member("ann");
        ann.sees(Map.of("ann", 1));
        Room bo = member("b\"o\", [é🟡]");
        String name = "b\"o\", [é🟡]";
        ann.sees(Map.of("ann", 1, name, 1));
        bo.sees(Map.of("ann", 1, name, 1));
        assertThat(ann.joins).contains(name + " 0+1");
        assertThat(ann.presence.list()).hasSize(2);
        assertThat(bo.refs("ann")).isEqualTo(ann.refs("ann")).doesNotContainAnyElementsOf(ann.refs(name));
        assertThat(ann.call("who", Map.of()).response()).isEqualTo(Map.of("users", List.of("ann", name)));
        bo.leave();
        ann.sees(Map.of("ann", 1));
        assertThat(ann.leaves).containsExactly(name + " 0-1");
    }

    @Test
    void twoDevicesOfAUserAreOneKeyWithTwoPresences() throws Exception {
        Room ann = member("ann");
        Room phone = member("bo");
        ann.sees(Map.of("ann", 1, "bo", 1));
        Room tablet = member("bo");
        for (Room room : List.of(ann, phone, tablet)) {
            room.sees(Map.of("ann", 1, "bo", 2));
        }
        phone.leave();
        for (Room room : List.of(ann, tablet)) {
            room.sees(Map.of("ann", 1, "bo", 1));
        }
        assertThat(ann.leaves).containsExactly("bo 1-1");
        assertThat(ann.refs("bo")).isEqualTo(tablet.refs("bo"));
    }

    @Test
    void afterTheServerWasKilledAndStartedAgainEverythingIsAsBefore() throws Exception {
        Room ann = member("ann");
        Room bo = member("bo");
        Map<String, Integer> both = Map.of("ann", 1, "bo", 1);
        ann.sees(both);
        bo.sees(both);
        List<Object> before = new ArrayList<>(ann.refs("ann"));
        before.addAll(ann.refs("bo"));
        server.kill();
        await().atMost(DEADLINE).untilAsserted(() -> assertThat(ann.errors).isNotEmpty());
        await().atMost(DEADLINE).untilAsserted(() -> assertThat(bo.errors).isNotEmpty());
        server.restart();
        ann.isJoined();
        bo.isJoined();
        for (Room room : List.of(ann, bo)) {
            await().atMost(DEADLINE).untilAsserted(() -> {
                assertThat(room.here()).isEqualTo(both);
                assertThat(room.refs("ann")).doesNotContainAnyElementsOf(before);
                assertThat(room.refs("bo")).doesNotContainAnyElementsOf(before);
            });
        }
        List<Map<String, Object>> received = bo.collect("shout");
        ann.push("shout", Map.of("again", true));
        await().atMost(DEADLINE).untilAsserted(() -> assertThat(received).containsExactly(Map.of("again", true)));
    }
}
