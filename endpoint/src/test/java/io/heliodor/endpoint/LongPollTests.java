package io.heliodor.endpoint;

import static io.heliodor.endpoint.PollClient.echo;
import static io.heliodor.endpoint.PollClient.echoed;
import static io.heliodor.endpoint.PollClient.get;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.PollClient.Answer;
import io.heliodor.event.Empty;
import io.heliodor.fixtures.RecordedLog;
import io.heliodor.transport.longpoll.PollLimits;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.event.Level;

/** Responses to polling clients. */
class LongPollTests extends LiveTest {
    private static final PollLimits SHORT =
            PollLimits.defaults().window(Duration.ofMillis(100)).inactive(Duration.ofMinutes(1));

    private static final Channel<Empty, Empty> EMPTY_ROOM =
            Channel.of(Empty.class).join(join -> Join.ok(Empty.EMPTY)).build();

    private PollClient poller(Live live) {
        return closing(PollClient.open(live));
    }

    @Test
    void theFirstPollOpensASession() {
        Live live = start();
        RawClient.Response response = connect(live).send(get("", "")).response();
        assertThat(response.body())
                .matches("\\{\"status\":410,\"token\":\"poll\\.[\\w-]{8}0\\.[\\w-]{32}\",\"messages\":\\[]}");
        assertThat(response.header("content-type")).isEqualTo("application/json; charset=utf-8");
        assertThat(response.header("cache-control")).isEqualTo("no-store");
        assertThat(response.header("access-control-allow-origin")).isEqualTo("*");
        assertThat(response.header("x-content-type-options")).isEqualTo("nosniff");
        assertThat(live.count("connections")).isEqualTo(1);
    }

    @Test
    void everySessionHasATokenOfItsOwn() {
        Live live = start();
        assertThat(poller(live).token()).isNotEqualTo(poller(live).token());
    }

    @Test
    void aClientJoinsAndGetsRepliesAndBroadcasts() {
        Live live = start();
        withHealthyClient(live);
        PollClient client = poller(live).joins("room:a").echoes("room:a", 2);
        live.broadcasts("room:a", "é🟡");
        String told = Live.told("room:a", "é🟡");
        assertThat(client.poll()).isEqualTo(new Answer(200, client.token(), List.of(told)));
    }

    @Test
    void aMessageEndsAWaitingPollAtOnce() {
        Live live = start();
        PollClient client = poller(live).joins("room:a").sendsPoll();
        client.sends(echo("room:a", 2));
        assertThat(client.answer().messages()).containsExactly(echoed("room:a", 2));
    }

    @Test
    void broadcastsOfOneTurnAndRepliesComeInTheirOrder() {
        Live live = start();
        PollClient client = poller(live).joins("room:a");
        String[] shouts = new String[50];
        for (int i = 0; i < shouts.length; i++) {
            shouts[i] = i % 10 == 9 ? echo("room:a", i) : "[\"1\",null,\"room:a\",\"shout\",{\"n\":" + i + "}]";
        }
        client.sends(shouts);
        for (int i = 0; i < shouts.length; i++) {
            shouts[i] = i % 10 == 9 ? echoed("room:a", i) : "[null,null,\"room:a\",\"shout\",{\"n\":" + i + "}]";
        }
        assertThat(client.receives(50)).containsExactly(shouts);
    }

    @Test
    void aPollWithoutMessagesInItsWindowIsAnsweredWith204() {
        Live live = start(builder -> builder.polls(SHORT));
        PollClient client = poller(live).joins("room:a");
        assertThat(client.poll()).isEqualTo(new Answer(204, client.token(), List.of()));
        client.echoes("room:a", 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "poll.", "poll.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "SFMyNTY.abc", "%00%ff"})
    void aPollWithoutAValidTokenOpensASession(String token) {
        Live live = start();
        Answer answer = Answer.of(connect(live).send(get(token, "")).response());
        assertThat(answer.status()).isEqualTo(410);
        assertThat(Answer.of(connect(live)
                                .send(PollClient.batch(answer.token(), "[]"))
                                .response())
                        .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "garbage", "poll.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
    void aPostWithoutAValidTokenIsAnsweredWith410(String token) {
        Live live = start();
        RawClient client = connect(live).send(PollClient.batch(token, echo("room:a", 1)));
        assertThat(client.response().body()).isEqualTo("{\"status\":410}");
        assertThat(client.restInOrder()).isEmpty();
    }

    @Test
    void aTokenIsValidForItsMountAlone() {
        Live live = start(builder -> builder.socket(
                "/other",
                UserSocket.connect(connect -> Connect.ok(Empty.EMPTY))
                        .channel("room:*", EMPTY_ROOM)
                        .build()));
        PollClient client = poller(live);
        Answer answer = Answer.of(connect(live)
                .send(get(client.token(), "").replace("/socket/", "/other/"))
                .response());
        assertThat(answer.status()).isEqualTo(410);
        String post = new String(PollClient.batch(client.token(), "[]"), UTF_8);
        assertThat(Answer.of(connect(live)
                                .send(post.replace("/socket/", "/other/"))
                                .response())
                        .status())
                .isEqualTo(410);
        client.joins("room:a");
    }

    @Test
    void theHeaderPrecedesTheParameter() {
        Live live = start();
        PollClient client = poller(live).joins("room:a");
        live.broadcasts("room:a", "x");
        String header = "Host: localhost\r\nX-Phoenix-Longpoll-Token: " + client.token();
        Answer answer = Answer.of(connect(live)
                .send(get("garbage", "").replace("Host: localhost", header))
                .response());
        assertThat(answer.messages()).containsExactly(Live.told("room:a", "x"));
    }

    @Test
    void aTokenMayComeInTheHeaderAlone() {
        Live live = start();
        PollClient client = poller(live).joins("room:a");
        assertThat(answerTo(live, batch("", echo("room:a", 2)), client.token()).status())
                .isEqualTo(200);
        assertThat(answerTo(live, get("", ""), client.token()).messages()).containsExactly(echoed("room:a", 2));
        assertThat(answerTo(live, batch("garbage", echo("room:a", 3)), client.token())
                        .status())
                .isEqualTo(200);
        assertThat(client.receives(1)).containsExactly(echoed("room:a", 3));
        assertThat(answerTo(live, batch(client.token(), echo("room:a", 4)), "garbage")
                        .status())
                .isEqualTo(410);
    }

    private static String batch(String token, String... lines) {
        return new String(PollClient.batch(token, lines), UTF_8).replace("&token= ", " ");
    }

    /** The answer to a request with a token in its header. */
    private Answer answerTo(Live live, String request, String token) {
        String headers = "X-Phoenix-Longpoll-Token: " + token + "\r\nHost:";
        return Answer.of(connect(live).send(request.replace("Host:", headers)).response());
    }

    @ParameterizedTest
    @CsvSource({
        "2.0.0&token=deny, 403, refused_connect",
        "2.0.0&outcome=busy, 403, refused_connect",
        "2.0.0&outcome=crash, 500, refused_connect",
        "1.9.0, 403, refused_version",
        "'', 403, refused_version"
    })
    void theBodyHasTheStatusOfARefusal(String vsn, int status, String counter) {
        Live live = start();
        RawClient client = connect(live);
        RawClient.Response response =
                client.send(get("", "").replace("2.0.0", vsn)).response();
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("{\"status\":" + status + "}");
        assertThat(live.count(counter)).isEqualTo(1);
        assertThat(live.count("connections")).isZero();
        assertThat(Answer.of(client.send(get("", "")).response()).status()).isEqualTo(410);
    }

    @Test
    void theConnectHandlerSeesTheUsersTokensAndNotThatOfASession() {
        Queue<String> seen = new ConcurrentLinkedQueue<>();
        Live live = start(builder -> builder.socket(
                "/seen",
                UserSocket.connect(connect -> {
                            seen.add(connect.param("token").orElse("-") + " "
                                    + connect.authToken().orElse("-") + " "
                                    + connect.header("x-tag").orElse("-") + " " + connect.remoteAddress());
                            return Connect.ok(Empty.EMPTY);
                        })
                        .channel("room:*", EMPTY_ROOM)
                        .build()));
        String gone = "&token=poll.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        for (String params : new String[] {"&token=mine", "&token=mine" + gone, gone}) {
            connect(live)
                    .send(get("", params)
                            .replace("/socket/", "/seen/")
                            .replace("Host:", "X-Phoenix-AuthToken: s3cret/+\r\nX-Tag: t\r\nHost:"))
                    .response();
        }
        assertThat(seen)
                .containsExactly("mine s3cret/+ t 127.0.0.1", "mine s3cret/+ t 127.0.0.1", "- s3cret/+ t 127.0.0.1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST", "OPTIONS"})
    void aForeignPageIsRefused(String method) {
        Live live = start();
        PollClient client = poller(live);
        RawClient.Response response = connect(live)
                .send(method + " /socket/longpoll?vsn=2.0.0&token=" + client.token()
                        + " HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\r\n")
                .response();
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("{\"status\":403}");
        assertThat(live.count("refused_origin")).isEqualTo(1);
        assertThat(RecordedLog.lines(Level.WARN, "http://evil.example")).hasSize(1);
    }

    @Test
    void aPreflightRequestOfAnAllowedPageIsAnswered() {
        Live live = start(builder -> builder.origins("https://app.example"));
        String headers = "Origin: https://app.example\r\nAccess-Control-Request-Headers: content-type, x-tag";
        RawClient.Response response = connect(live)
                .send(get("", "").replace("GET", "OPTIONS").replace("\r\n\r\n", "\r\n" + headers + "\r\n\r\n"))
                .response();
        assertThat(response.status()).isEqualTo(200);
        assertThat(response.body()).isEmpty();
        assertThat(response.header("access-control-allow-origin")).isEqualTo("*");
        assertThat(response.header("access-control-allow-headers")).isEqualTo("content-type, x-tag");
        assertThat(response.header("access-control-allow-methods")).isEqualTo("get, post, options");
        assertThat(response.header("access-control-max-age")).isEqualTo("3600");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HEAD", "PUT", "DELETE", "PATCH", "BREW"})
    void otherMethodsAreBadRequests(String method) {
        Live live = start();
        RawClient client = connect(live)
                .send(method
                        + " /socket/longpoll?vsn=2.0.0 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc");
        assertThat(client.response().status()).isEqualTo(400);
        assertThat(client.restInOrder()).isEmpty();
    }

    @Test
    void channelsEndAsTheyDoOverAWebSocket() {
        Live live = start();
        PollClient client = poller(live).joins("room:a").joins("room:b");
        client.sends("[\"1\",\"2\",\"room:a\",\"crash\",{}]");
        assertThat(client.receives(1))
                .containsExactly("[\"1\",\"1\",\"room:a\",\"phx_error\",{\"reason\":\"channel_crash\"}]");
        client.sends("[\"0\",\"3\",\"room:b\",\"phx_leave\",{}]", "[null,\"4\",\"room:b\",\"phx_leave\",{}]");
        assertThat(client.receives(2))
                .containsExactly(RawClient.ok("4", "room:b", "{}"), "[\"1\",\"1\",\"room:b\",\"phx_close\",{}]");
        client.sends(echo("room:b", 5));
        assertThat(client.receives(1).getFirst()).contains("unmatched topic");
        assertThat(live.count("frames_stale")).isEqualTo(1);
    }

    @Test
    void aClientOfVersionOneIsServed() {
        Live live = start();
        RawClient client = connect(live).send(get("", "").replace("2.0.0", "1.0.0"));
        String token = Answer.of(client.response()).token();
        String join = "{\"topic\":\"room:a\",\"event\":\"phx_join\",\"payload\":{},\"ref\":\"1\"}";
        assertThat(Answer.of(connect(live)
                                .send(PollClient.post(token, "", join.getBytes(UTF_8)))
                                .response())
                        .status())
                .isEqualTo(200);
        Answer answer = Answer.of(client.send(get(token, "")).response());
        assertThat(answer.messages().getFirst()).contains("\"topic\":\"room:a\"", "\"status\":\"ok\"");
    }

    @Test
    void manyTopicsAreJoinedAtOnce() {
        Live live = start();
        PollClient client = poller(live);
        for (int i = 0; i < 101; i++) {
            client.sends("[\"1\",\"1\",\"room:" + i + "\",\"phx_join\",{}]");
        }
        List<String> replies = client.receives(101);
        assertThat(replies).filteredOn(each -> each.contains("\"ok\"")).hasSize(100);
        assertThat(replies)
                .filteredOn(each -> each.contains("too many channels joined"))
                .hasSize(1);
    }

    @Test
    void theSessionIsServedWhateverLoopARequestComesTo() {
        Live live = start(builder -> builder.loops(3));
        PollClient client = poller(live).joins("room:a");
        for (int i = 2; i < 20; i++) {
            RawClient poll = closing(client.pollsElsewhere());
            RawClient post = connect(live).send(PollClient.batch(client.token(), echo("room:a", i)));
            assertThat(Answer.of(post.response()).status()).isEqualTo(200);
            assertThat(Answer.of(poll.response()).messages()).containsExactly(echoed("room:a", i));
        }
    }
}
