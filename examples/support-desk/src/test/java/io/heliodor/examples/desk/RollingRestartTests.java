package io.heliodor.examples.desk;

import static io.heliodor.examples.desk.DeskMessages.SAY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliodor.examples.desk.DeskMessages.Say;
import io.heliodor.examples.desk.DeskMessages.Ticket;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListSet;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.security.oauth2.jwt.JwtClaimsSet;
import org.springframework.security.oauth2.jwt.JwtEncoderParameters;
import org.springframework.security.oauth2.jwt.NimbusJwtEncoder;

/** Two nodes with one PostgreSQL behind nginx, by the configuration of this example, while people write. */
@Tag("long")
@EnabledIf(
        value = "isExpected",
        disabledReason = "needs nginx and PostgreSQL; on Debian: apt-get install nginx-light postgresql")
class RollingRestartTests {
    private static final String NGINX = "/usr/sbin/nginx";
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final int ROUNDS = Integer.getInteger("desk.rounds", 1);
    private static final int TICKETS = 4;
    private static final int FOLLOWERS = 20;

    /** The messages of about five seconds: the end of a node is noticed half a second later if it comes sooner after its start. */
    private static final int SOME_SECONDS = 5 * 10 * TICKETS;

    @TempDir
    private Path folder;

    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final Map<Long, Set<Long>> written = new ConcurrentHashMap<>();
    private final List<Follower> followers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    private Postgres postgres;
    private Process nginx;
    private int port;
    private Node a;
    private Node b;
    private volatile boolean stopped;

    static boolean isExpected() {
        return System.getenv("CI") != null || Postgres.isExpected() && Files.isExecutable(Path.of(NGINX));
    }

    @BeforeEach
    void start() throws Exception {
        postgres = Postgres.start();
        List<Integer> ports = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            ports.add(Postgres.freePort());
        }
        String seeds = "127.0.0.1:" + ports.get(4) + ",127.0.0.1:" + ports.get(5);
        a = new Node("a", ports.get(0), ports.get(2), ports.get(4), seeds, postgres, folder);
        b = new Node("b", ports.get(1), ports.get(3), ports.get(5), seeds, postgres, folder);
        port = ports.get(6);
        String configuration = Files.readString(Path.of("nginx.conf"))
                .replace("127.0.0.1:8081", "127.0.0.1:" + ports.get(0))
                .replace("127.0.0.1:8082", "127.0.0.1:" + ports.get(1))
                .replace("127.0.0.1:4001", "127.0.0.1:" + ports.get(2))
                .replace("127.0.0.1:4002", "127.0.0.1:" + ports.get(3))
                .replace("127.0.0.1:8000", "127.0.0.1:" + port);
        Files.writeString(folder.resolve("nginx.conf"), configuration);
        nginx = new ProcessBuilder(NGINX, "-p", folder.toString(), "-c", "nginx.conf", "-g", "daemon off;")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("nginx.log").toFile())
                .start();
        a.start();
        b.start();
    }

    @AfterEach
    void end() throws Exception {
        stopped = true;
        followers.forEach(Follower::stop);
        a.close();
        b.close();
        nginx.destroy();
        nginx.waitFor();
        postgres.close();
    }

    @Test
    void nothingIsMissingAndNoHandshakeFails() throws Exception {
        load();
        for (int round = 0; round < ROUNDS; round++) {
            for (Node node : List.of(a, b)) {
                awaitProgress();
                node.stop();
                awaitProgress();
                node.start();
            }
            for (Node node : List.of(a, b)) {
                awaitMessages(SOME_SECONDS);
                long killed = System.nanoTime();
                node.kill();
                awaitProgress();
                long back = followers.stream()
                        .mapToLong(follower -> follower.joined - killed)
                        .max()
                        .orElseThrow();
                System.out.printf(
                        "After a SIGKILL the last page had joined again at the other node after %d ms.%n",
                        Duration.ofNanos(back).toMillis());
                node.start();
            }
        }
        stopped = true;
        for (Thread thread : threads.subList(0, TICKETS)) {
            assertThat(thread.join(DEADLINE)).as("the end of a writer").isTrue();
        }
        await().atMost(DEADLINE).untilAsserted(() -> {
            assertThat(failures).isEmpty();
            for (Follower follower : followers) {
                assertThat(follower.messages).isEqualTo(written.get(follower.ticket()));
            }
        });
        assertThat(written.values()).allSatisfy(ids -> assertThat(ids).hasSizeGreaterThan(20));
    }

    /** Opens tickets, with a customer who writes into each, and followers. */
    private void load() throws Exception {
        for (int i = 0; i < TICKETS; i++) {
            String cy = token("cy", List.of());
            long id = open(cy);
            written.put(id, new ConcurrentSkipListSet<>());
            threads.add(Thread.ofVirtual().start(() -> write(id, cy)));
            for (int each = 0; each < FOLLOWERS / TICKETS; each++) {
                followers.add(new Follower(port, token("ann", List.of("AGENT")), id, failures));
            }
        }
        for (Follower follower : followers) {
            threads.add(Thread.ofVirtual().start(follower));
        }
    }

    /** Ten messages a second, each until its reply; those that are sent again keep their id. */
    private void write(long ticket, String token) {
        String topic = "ticket:" + ticket;
        int number = 0;
        while (!stopped) {
            try (Page page = Page.open(port, token)) {
                page.join(topic);
                while (!stopped) {
                    Say next = new Say("number " + number, "load " + number);
                    written.get(ticket).add(page.call(topic, SAY, next).id());
                    number++;
                    Thread.sleep(100); // below the rate of the channel
                }
            } catch (Page.Closed e) {
                // the next connection sends it again
            } catch (Exception | AssertionError e) {
                failures.add("a writer: " + e);
            }
        }
    }

    /** Waits until each follower has a message that was written after this call. */
    private void awaitProgress() {
        awaitMessages(0);
    }

    /** Waits until each follower has a message that was written after a number of messages from now, in all tickets together. */
    private void awaitMessages(long between) {
        Map<Long, Long> newest = new ConcurrentHashMap<>();
        written.forEach((ticket, ids) -> newest.put(ticket, ids.stream().reduce(0L, Math::max) + between));
        await().atMost(DEADLINE).pollInterval(Duration.ofMillis(20)).untilAsserted(() -> {
            assertThat(failures).isEmpty();
            assertThat(followers).allMatch(follower -> follower.newest() > newest.get(follower.ticket()));
        });
    }

    /** A token of the demo's issuer, but for a day. */
    private static String token(String person, List<String> roles) {
        var key = new SecretKeySpec(Node.SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256");
        var claims = JwtClaimsSet.builder()
                .subject(person)
                .claim("roles", roles)
                .expiresAt(Instant.now().plus(Duration.ofDays(1)))
                .build();
        return NimbusJwtEncoder.withSecretKey(key)
                .build()
                .encode(JwtEncoderParameters.from(claims))
                .getTokenValue();
    }

    private long open(String token) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/tickets"))
                .POST(BodyPublishers.ofString("{\"subject\":\"Load\"}"))
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + token);
        try (HttpClient http = HttpClient.newHttpClient()) {
            var reply = http.send(request.build(), BodyHandlers.ofString());
            assertThat(reply.statusCode()).as(reply.body()).isEqualTo(201);
            return Page.JSON.readValue(reply.body(), Ticket.class).id();
        }
    }
}
