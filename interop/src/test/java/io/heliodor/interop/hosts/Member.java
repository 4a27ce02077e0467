package io.heliodor.interop.hosts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A member of a room on a host: {@code member.mjs}, which is phoenix.js. */
final class Member implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final String name;
    private final Process process;
    private final List<JsonNode> lines = new CopyOnWriteArrayList<>();

    Member(Network network, int host, String url, String topic, String name, int shouts) throws IOException {
        this.name = name;
        process = new ProcessBuilder(
                        "ip",
                        "netns",
                        "exec",
                        network.space(host),
                        "node",
                        Path.of("member.mjs").toAbsolutePath().toString(),
                        url,
                        topic,
                        name,
                        Integer.toString(shouts))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Thread.ofVirtual().start(() -> process.inputReader().lines().forEach(line -> lines.add(JSON.readTree(line))));
    }

    /** Begins to shout. */
    void shouts() throws IOException {
        process.getOutputStream().write("go\n".getBytes(UTF_8));
        process.getOutputStream().flush();
    }

    /** All lines of a kind so far. */
    List<JsonNode> lines(String what) {
        return lines.stream()
                .filter(line -> line.path("what").asString().equals(what))
                .toList();
    }

    /** The numbers in the shouts of a user, in the order of their arrival. */
    List<Integer> received(String by) {
        return lines("heard").stream()
                .filter(line -> line.path("by").asString().equals(by))
                .map(line -> line.path("n").asInt())
                .toList();
    }

    /** The users that it sees, if it has a state. */
    Optional<List<String>> here() {
        List<JsonNode> here = lines("here");
        return here.isEmpty() ? Optional.empty() : Optional.of(users(here.getLast()));
    }

    static List<String> users(JsonNode here) {
        return here.path("users").valueStream().map(JsonNode::asString).toList();
    }

    void sees(Duration deadline, String... users) {
        until(deadline, "sees " + List.of(users), member -> member.here().equals(Optional.of(List.of(users))));
    }

    void until(Duration deadline, String what, Predicate<Member> condition) {
        await().atMost(deadline)
                .pollInterval(Duration.ofMillis(50))
                .untilAsserted(() -> assertThat(condition.test(this))
                        .as("%s %s; its last lines: %s", name, what, lastLines())
                        .isTrue());
    }

    private List<JsonNode> lastLines() {
        List<JsonNode> all = List.copyOf(lines);
        return all.subList(Math.max(0, all.size() - 10), all.size());
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
