package io.heliodor.endpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A polling client: requests on two raw connections, one for its polls and one for its posts. */
final class PollClient implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    private final Live live;
    private final RawClient polls;
    private final RawClient posts;
    private String token;

    /** The content of the body of a response. */
    record Answer(int status, String token, List<String> messages) {
        static Answer of(RawClient.Response response) {
            assertThat(response.status()).as("the answer %s", response).isEqualTo(200);
            JsonNode json = JSON.readTree(response.body());
            List<String> messages = new ArrayList<>();
            json.path("messages").forEach(each -> messages.add(each.asString()));
            return new Answer(json.path("status").asInt(), json.path("token").asString(""), messages);
        }
    }

    private PollClient(Live live) {
        this.live = live;
        this.polls = RawClient.connect(live.endpoint);
        this.posts = RawClient.connect(live.endpoint);
    }

    /** With a session of its own, connected with these parameters, as {@code &user_id=ann}. */
    static PollClient open(Live live, String params) {
        PollClient client = new PollClient(live);
        Answer first = Answer.of(client.polls.send(get("", params)).response());
        assertThat(first.status()).isEqualTo(410);
        assertThat(first.messages()).isEmpty();
        client.token = first.token();
        return client;
    }

    /** The same client, whose requests come to another endpoint from now on. */
    PollClient at(Live other) {
        PollClient there = new PollClient(other);
        there.token = token;
        return there;
    }

    static PollClient open(Live live) {
        return open(live, "");
    }

    static String get(String token, String params) {
        return "GET /socket/longpoll?vsn=2.0.0" + params + (token.isEmpty() ? "" : "&token=" + token)
                + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }

    static byte[] post(String token, String headers, byte[] body) {
        byte[] head = ("POST /socket/longpoll?vsn=2.0.0&token=" + token + " HTTP/1.1\r\nHost: localhost\r\n" + headers
                        + "Content-Length: " + body.length + "\r\n\r\n")
                .getBytes(UTF_8);
        byte[] all = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, all, head.length, body.length);
        return all;
    }

    static byte[] batch(String token, String... lines) {
        return post(
                token,
                "Content-Type: application/x-ndjson\r\n",
                String.join("\n", lines).getBytes(UTF_8));
    }

    String token() {
        return token;
    }

    /** The connection of its polls. */
    RawClient polls() {
        return polls;
    }

    /** The connection of its posts. */
    RawClient posts() {
        return posts;
    }

    PollClient sendsPoll() {
        polls.send(get(token, ""));
        return this;
    }

    Answer answer() {
        return Answer.of(polls.response());
    }

    Answer poll() {
        return sendsPoll().answer();
    }

    /** Sends a poll on another connection. */
    RawClient pollsElsewhere() {
        return RawClient.connect(live.endpoint).send(get(token, ""));
    }

    /** Sends a poll on another connection. It waits when this returns, because the poll before it was answered. */
    RawClient parks() {
        sendsPoll();
        while (true) {
            RawClient second = pollsElsewhere();
            Live.eventually().until(() -> polls.hasInput() || second.hasInput());
            if (polls.hasInput()) {
                assertThat(answer()).isEqualTo(new Answer(204, token, List.of()));
                return second;
            }
            // On their way to another endpoint it has overtaken the first.
            assertThat(Answer.of(second.response())).isEqualTo(new Answer(204, token, List.of()));
            second.close();
        }
    }

    /** Polls until it has this number of messages, and not more. */
    List<String> receives(int count) {
        List<String> all = new ArrayList<>();
        long begin = System.nanoTime();
        while (all.size() < count) {
            assertThat(System.nanoTime() - begin)
                    .as("nanoseconds without the rest, after %s", all)
                    .isLessThan(TimeUnit.MILLISECONDS.toNanos(RawClient.DEADLINE_MILLIS));
            Answer answer = poll();
            assertThat(answer.status()).as("after %s", all).isIn(200, 204);
            assertThat(answer.token()).isEqualTo(token);
            all.addAll(answer.messages());
        }
        assertThat(all).hasSize(count);
        return all;
    }

    /** Posts lines, and returns the status of the response. */
    int sends(String... lines) {
        return Answer.of(posts.send(batch(token, lines)).response()).status();
    }

    PollClient joins(String topic) {
        assertThat(sends("[\"1\",\"1\",\"" + topic + "\",\"phx_join\",{}]")).isEqualTo(200);
        assertThat(receives(1)).containsExactly(RawClient.ok("1", topic, "{}"));
        return this;
    }

    static String echo(String topic, int n) {
        return "[\"1\",\"" + n + "\",\"" + topic + "\",\"echo\",{\"n\":" + n + "}]";
    }

    static String echoed(String topic, int n) {
        return RawClient.ok(String.valueOf(n), topic, "{\"n\":" + n + "}");
    }

    PollClient echoes(String topic, int n) {
        assertThat(sends(echo(topic, n))).isEqualTo(200);
        assertThat(receives(1)).containsExactly(echoed(topic, n));
        return this;
    }

    /** Checks that its session has ended: the next response is about another one. */
    void isGone() {
        Answer answer = poll();
        while (answer.status() == 204) {
            // A poll that was repeated on its way to another endpoint has displaced the last one, before the session
            // ended.
            answer = poll();
        }
        assertThat(answer.status()).isEqualTo(410);
        assertThat(answer.token()).isNotEqualTo(token).isNotEmpty();
        assertThat(sends("[]")).isEqualTo(410);
    }

    @Override
    public void close() {
        polls.close();
        posts.close();
    }
}
