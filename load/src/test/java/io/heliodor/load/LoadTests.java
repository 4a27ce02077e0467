package io.heliodor.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Connect;
import io.heliodor.channel.Join;
import io.heliodor.channel.NoReply;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The tool against a real server that loses, repeats and refuses a known number of messages. */
class LoadTests {
    record Say(String body) {}

    private static final Event<Say> SAY = Event.of("say", Say.class);
    private static final Event<Raw> ECHO = Event.of("echo", Raw.class);
    private static final Call<Raw, Raw, Reason> ASK = Call.of("ask", Raw.class, Raw.class);

    private final AtomicInteger handled = new AtomicInteger();
    private final CountDownLatch released = new CountDownLatch(1);

    @TempDir
    private Path folder;

    private final Endpoint endpoint = Endpoint.builder()
            .host("127.0.0.1")
            .port(0)
            .socket(
                    "/socket",
                    UserSocket.connect(connect ->
                                    connect.authToken().orElse("none").equals("bad")
                                            ? Connect.refuse(401)
                                            : Connect.ok("user", "users:1"))
                            .channel("room:*", room(number -> 1))
                            .channel("lossy:*", room(number -> number % 10 == 0 ? 0 : 1))
                            .channel("twice:*", room(number -> number % 10 == 0 ? 2 : 1))
                            .channel("ended:*", room(number -> {
                                if (number == 50) {
                                    disconnect();
                                }
                                return 1;
                            }))
                            .channel("held:*", room(number -> {
                                if (number == 50) {
                                    released.countDown();
                                } else if (number == 1) {
                                    released.await();
                                }
                                return 1;
                            }))
                            .channel("away:*", room(number -> {
                                if (number == 1) {
                                    CompletableFuture<Void> _ = CompletableFuture.runAsync(endpoint()::close);
                                }
                                return 0;
                            }))
                            .channel("others:*", others())
                            .channel(
                                    "closed:*",
                                    Channel.of(String.class)
                                            .join(join -> Join.refuse("members_only"))
                                            .build())
                            .build())
            .build()
            .start();

    /** How often a message is sent to all members. */
    private interface Echoes {
        int of(int number) throws Exception;
    }

    private Channel<String, ?> room(Echoes echoes) {
        return Channel.of(String.class)
                .join(join -> Join.ok("user"))
                .on(ECHO, (payload, room) -> {
                    int times = echoes.of(handled.incrementAndGet());
                    for (int i = 0; i < times; i++) {
                        NoReply _ = room.broadcast(ECHO, payload);
                    }
                    return NoReply.NO_REPLY;
                })
                .on(SAY, (say, room) -> room.broadcast(SAY, say))
                .answer(
                        ASK,
                        (payload, room) -> handled.incrementAndGet() % 10 == 0
                                ? Reply.error(new Reason("busy"))
                                : Reply.ok(payload))
                .build();
    }

    private static Channel<String, ?> others() {
        return Channel.of(String.class)
                .join(join -> Join.ok("user"))
                .on(ECHO, (payload, room) -> room.broadcastFrom(ECHO, payload))
                .build();
    }

    private Endpoint endpoint() {
        return endpoint;
    }

    private void disconnect() {
        endpoint.channels().disconnect("users:1");
    }

    @AfterEach
    void close() {
        released.countDown();
        endpoint.close();
    }

    private record Outcome(int status, String out, String err) {
        JsonNode json() {
            return JsonMapper.builder().build().readTree(out);
        }
    }

    private static Outcome run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = Load.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
        return new Outcome(status, out.toString(), err.toString());
    }

    /** A run of a second with a hundred messages, and its result as JSON. */
    private Outcome load(String topic, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--url", url(), "--topic", topic, "--rate", "100", "--seconds", "1", "--ramp", "0", "--json", "-"));
        arguments.addAll(Arrays.asList(more));
        return run(arguments.toArray(String[]::new));
    }

    private String url() {
        return "ws://127.0.0.1:" + endpoint.port() + "/socket";
    }

    @Test
    void allThatIsDueArrivesAtEachMember() {
        Outcome outcome = load(
                "room:1",
                "--clients",
                "4",
                "--event",
                "echo",
                "--receive",
                "echo",
                "--payload",
                "{\"body\":\"<{id}>\"}");

        JsonNode result = outcome.json();
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(result.path("due").asInt()).isEqualTo(100);
        assertThat(result.path("sent").asInt()).isEqualTo(100);
        assertThat(result.path("expected").asInt()).isEqualTo(400);
        assertThat(result.path("deliveries").path("count").asInt()).isEqualTo(400);
        assertThat(result.path("missing").asInt()).isZero();
        assertThat(outcome.err()).contains("400 of 400, 0 missing, 0 repeated");
        assertThat(handled).hasValue(100);
    }

    @Test
    void aTopicMayHaveTheNumberOfTheClient() {
        Outcome outcome = load(
                "room:{client}",
                "--clients",
                "5",
                "--event",
                "say",
                "--receive",
                "say",
                "--payload",
                "{\"body\":\"{id}\"}");

        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.json().path("topics").asInt()).isEqualTo(5);
        assertThat(outcome.json().path("expected").asInt()).isEqualTo(100);
    }

    @Test
    void messagesThatTheServerLosesAreMissing() {
        Outcome outcome = load(
                "lossy:1",
                "--clients",
                "3",
                "--event",
                "echo",
                "--receive",
                "echo",
                "--payload",
                "{\"body\":\"{id}\"}",
                "--timeout",
                "10");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.json().path("expected").asInt()).isEqualTo(300);
        assertThat(outcome.json().path("missing").asInt()).isEqualTo(30);
        assertThat(outcome.json().path("repeated").asInt()).isZero();
    }

    /** The server broadcasts under another name. */
    @Test
    void latenciesWithoutAMessageAreNotPrinted() {
        Outcome outcome = load(
                "room:1", "--event", "say", "--payload", "{\"body\":\"{id}\"}", "--receive", "other", "--timeout", "1");
        assertThat(outcome.json().path("missing").asInt()).isPositive();
        assertThat(outcome.err()).contains("received        0 of ").doesNotContain("latency");
    }

    @Test
    void messagesThatTheServerRepeatsAreCounted() {
        Outcome outcome = load(
                "twice:1",
                "--clients",
                "2",
                "--event",
                "echo",
                "--receive",
                "echo",
                "--payload",
                "{\"body\":\"{id}\"}");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.json().path("missing").asInt()).isZero();
        assertThat(outcome.json().path("repeated").asInt()).isEqualTo(20);
    }

    @Test
    void theSenderMayBeLeftOut() {
        Outcome outcome = load(
                "others:1",
                "--clients",
                "3",
                "--event",
                "echo",
                "--receive",
                "echo",
                "--receivers",
                "others",
                "--payload",
                "{\"body\":\"{id}\"}");

        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.json().path("expected").asInt()).isEqualTo(200);
    }

    @Test
    void callsHaveRepliesAndErrorsByReason() {
        Outcome outcome = load("room:1", "--clients", "3", "--event", "ask", "--call");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.json().path("replies").path("count").asInt()).isEqualTo(90);
        assertThat(outcome.json().path("errors").path("busy").asInt()).isEqualTo(10);
        assertThat(outcome.json().path("replies_missing").asInt()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"nothing, unhandled_event", "say, invalid_payload"})
    void eventsThatTheServerRefusesAreErrorsByReason(String event, String reason) {
        Outcome outcome = load("room:1", "--clients", "3", "--event", event);

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.json().path("sent").asInt()).isEqualTo(100);
        assertThat(outcome.json().path("errors").path(reason).asInt()).isEqualTo(100);
        assertThat(outcome.err()).contains("{" + reason + "=100}").doesNotContain("replies");
    }

    @Test
    void eventsThatTheServerTakesAreNoErrors() {
        Outcome outcome = load("room:1", "--event", "echo", "--timeout", "0.5");

        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.json().path("sent").asInt()).isEqualTo(100);
        assertThat(outcome.json().path("errors").isEmpty()).isTrue();
    }

    @Test
    void eventsForWhichThereIsNoConnectionAreNotSent() {
        Outcome outcome = load("away:1", "--event", "echo", "--timeout", "0.5");

        assertThat(outcome.status()).isEqualTo(1);
        int sent = outcome.json().path("sent").asInt();
        assertThat(sent).isLessThan(100);
        assertThat(outcome.json().path("not_sent").asInt()).isEqualTo(100 - sent);
    }

    @Test
    void theVersionIsPrinted() {
        assertThat(run("--version").out()).startsWith("heliodor load ");
    }

    @Test
    void clientsMayJoinOnly() {
        Outcome outcome =
                run("--url", url(), "--topic", "room:{client}", "--clients", "20", "--seconds", "0.5", "--ramp", "0.2");

        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(outcome.out()).contains("20 in 20 topics").doesNotContain("sent");
    }

    @Test
    void connectionsThatEndAreCountedByTheirCode() {
        Outcome outcome = load(
                "ended:1",
                "--clients",
                "2",
                "--event",
                "echo",
                "--receive",
                "echo",
                "--payload",
                "{\"body\":\"{id}\"}",
                "--timeout",
                "10");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.json().path("disconnects").toString()).isEqualTo("{\"1001\":2}");
    }

    /** A loop that waits for each answer would have one long latency, and send nothing meanwhile. */
    @Test
    void aPauseOfTheServerCountsForEachMessageThatWasDueInIt() {
        Outcome outcome = load(
                "held:{client}",
                "--clients",
                "2",
                "--event",
                "echo",
                "--receive",
                "echo",
                "--payload",
                "{\"body\":\"{id}\"}");

        JsonNode deliveries = outcome.json().path("deliveries");
        assertThat(outcome.status()).as(outcome.err()).isZero();
        assertThat(deliveries.path("count").asInt()).isEqualTo(100);
        assertThat(deliveries.path("p90").asDouble()).isGreaterThan(300);
    }

    @Test
    void aRefusedJoinIsOneLine() {
        Outcome outcome = load("closed:1");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err())
                .isEqualToIgnoringNewLines("heliodor load: client 0 may not join closed:1: members_only");
    }

    @Test
    void tokensAreTakenFromAFileAndARefusedOneIsOneLine() throws Exception {
        Path tokens = folder.resolve("tokens");
        Files.writeString(tokens, "good\n\ngood too\n", UTF_8);
        assertThat(load("room:1", "--token-file", tokens.toString(), "--clients", "3")
                        .status())
                .isZero();
        Files.writeString(tokens, "good\nbad\n", UTF_8);
        Outcome outcome = load("room:1", "--token-file", tokens.toString(), "--clients", "3");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err())
                .startsWith("heliodor load: client 1 is refused with status 401")
                .contains("--token-file");
    }

    @Test
    void aServerThatIsNotThereIsOneLine() {
        int port = endpoint.port();
        endpoint.close();
        Outcome outcome = run("--url", "ws://127.0.0.1:" + port + "/socket", "--topic", "room:1");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err().lines())
                .singleElement()
                .asString()
                .contains("client 0 cannot connect to ws://127.0.0.1:" + port);
    }

    @Test
    void aPathWithoutASocketIsOneLine() {
        Outcome outcome = run("--url", "ws://127.0.0.1:" + endpoint.port() + "/elsewhere", "--topic", "room:1");

        assertThat(outcome.status()).isEqualTo(1);
        assertThat(outcome.err()).contains("status 404", "is there a socket at");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--topic a",
                "--url ws://a",
                "--url a --topic a",
                "--url ftp://a/ --topic a",
                "--url ws://a --topic a --clients 0",
                "--url ws://a --topic a --rate 0",
                "--url ws://a --topic a --rate NaN",
                "--url ws://a --topic a --seconds -1",
                "--url ws://a --topic a --payload [1]",
                "--url ws://a --topic a --payload {",
                "--url ws://a --topic a --params 1",
                "--url ws://a --topic a --call",
                "--url ws://a --topic a --event e --receive r",
                "--url ws://a --topic a --token-file /nowhere/at/all",
                "--url ws://a --topic a --receivers none",
                "--url ws://a --topic a --json /nowhere/at/all.json",
                "--url ws://a --topic a --json /",
                "--url ws://a --topic a --what"
            })
    void aWrongOptionIsOneLineAndStatusTwo(String options) {
        Outcome outcome = run(options.split(" "));

        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.err().lines()).singleElement().asString().endsWith("(see --help)");
    }

    @Test
    void theHelpHasThePlaceholdersAndTheExitStatus() {
        assertThat(run("--help").out()).contains("{client}", "{id}", "Exit status", "--token-file");
    }

    @Test
    void aLineASecondIsProgress() {
        Outcome outcome = run(
                "--url",
                url(),
                "--topic",
                "room:1",
                "--event",
                "say",
                "--payload",
                "{\"body\":\"{id}\"}",
                "--receive",
                "say",
                "--seconds",
                "3",
                "--rate",
                "20");

        assertThat(outcome.err().lines()).hasSizeBetween(2, 8).allMatch(line -> line.matches("(sent|joined) .*"));
        assertThat(outcome.out()).contains("latency", "60 of 60");
    }
}
