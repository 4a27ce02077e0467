package io.heliodor.interop.hosts;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A user on a host: {@code follower.mjs}, which is phoenix.js. For one thread. */
final class Follower implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();

    final String user;
    private final Process process;
    private final BufferedReader answers;

    /** A user's messages, and the users that it sees. */
    record State(String incarnation, int gaps, List<String> faults, List<String> users, Map<Key, List<Integer>> got) {}

    /** A topic and an incarnation of a publisher. */
    record Key(String topic, String incarnation) {}

    Follower(Network network, int host, String url, String user, List<String> topics) throws IOException {
        this.user = user;
        List<String> command = new ArrayList<>(List.of(
                "ip",
                "netns",
                "exec",
                network.space(host),
                "node",
                Path.of("follower.mjs").toAbsolutePath().toString(),
                url,
                user));
        command.addAll(topics);
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        answers = process.inputReader();
    }

    private JsonNode run(String command) throws IOException {
        process.getOutputStream().write((command + "\n").getBytes(UTF_8));
        process.getOutputStream().flush();
        String answer = answers.readLine();
        if (answer == null) {
            throw new IOException(user + " has ended");
        }
        return JSON.readTree(answer);
    }

    void publish(int millis) throws IOException {
        run("publish " + millis);
    }

    /** Publishes messages of a size to the topics in turn. Blocks for the time that they take. */
    void burst(int count, int bytes, Duration time) throws IOException {
        run("burst " + count + " " + bytes + " " + time.toMillis());
    }

    void quiet() throws IOException {
        run("quiet");
    }

    /** The members that its server sees, if it is well. */
    List<String> members() throws IOException {
        JsonNode cluster = run("health").path("cluster");
        return cluster.path("status").asString("").equals("healthy") ? texts(cluster.path("members")) : List.of();
    }

    State state() throws IOException {
        JsonNode state = run("state");
        Map<Key, List<Integer>> got = new HashMap<>();
        for (Map.Entry<String, JsonNode> topic : state.path("topics").properties()) {
            for (Map.Entry<String, JsonNode> publisher : topic.getValue().properties()) {
                got.put(
                        new Key(topic.getKey(), publisher.getKey()),
                        publisher.getValue().valueStream().map(JsonNode::asInt).toList());
            }
        }
        return new State(
                state.path("life").asString(""),
                state.path("told").asInt(),
                texts(state.path("faults")),
                texts(state.path("users")),
                got);
    }

    private static List<String> texts(JsonNode array) {
        return array.valueStream().map(JsonNode::asString).toList();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
