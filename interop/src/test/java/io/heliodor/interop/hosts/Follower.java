package io.heliodor.interop.hosts;

import io.heliodor.interop.NodeScript;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** A user of topics with a history: {@code follower.mjs}, which is phoenix.js. For one thread. */
public final class Follower implements AutoCloseable {
    final String user;
    private final NodeScript script;

    /**
     * A user's messages, and the users that it sees.
     *
     * @param incarnation that of the user as a publisher
     * @param joined whether it has joined all its topics
     * @param gaps the signs that messages are missing
     * @param faults messages that came twice or in another order, and recoveries that failed
     * @param users the present users
     * @param got the numbers of the messages of each publisher
     */
    public record State(
            String incarnation,
            boolean joined,
            int gaps,
            List<String> faults,
            List<String> users,
            Map<Key, List<Integer>> got) {}

    /** A topic and an incarnation of a publisher. */
    public record Key(String topic, String incarnation) {}

    /**
     * Starts one.
     *
     * @param prefix a command that runs another one, as {@code ip netns exec} does
     * @param environment more variables of the environment
     * @param url that of the socket
     * @param user the name
     * @param topics the topics with a history
     */
    public Follower(List<String> prefix, Map<String, String> environment, String url, String user, List<String> topics)
            throws IOException {
        this.user = user;
        List<String> arguments = new ArrayList<>(List.of(url, user));
        arguments.addAll(topics);
        script = new NodeScript(prefix, environment, "follower.mjs", arguments);
    }

    /** Publishes to one of its topics each so many milliseconds. */
    public void publish(int millis) throws IOException {
        script.run("publish " + millis);
    }

    /** Publishes messages of a size to the topics in turn. Blocks for the time that they take. */
    void burst(int count, int bytes, Duration time) throws IOException {
        script.run("burst " + count + " " + bytes + " " + time.toMillis());
    }

    /** Publishes no more. */
    public void quiet() throws IOException {
        script.run("quiet");
    }

    /** The members that its server sees, if it is well. */
    List<String> members() throws IOException {
        JsonNode cluster = script.run("health").path("cluster");
        return cluster.path("status").asString("").equals("healthy") ? texts(cluster.path("members")) : List.of();
    }

    /** Its present state. */
    public State state() throws IOException {
        JsonNode state = script.run("state");
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
                state.path("joined").asBoolean(),
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
        script.close();
    }
}
