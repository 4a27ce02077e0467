package io.heliodor.client.session;

import io.heliodor.client.wire.Payload;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import tools.jackson.databind.JsonNode;

/**
 * A small server: topics with a history of the last messages, joins that may be refused or answered late, calls with keys. What it sends on
 * a connection waits in order until the network takes it.
 */
final class ModelServer {
    private static final int KEPT = 12;

    /** A topic: message {@code n} has the number {@code n}; the state is the number of the last one. */
    private static final class Topic {
        private int published;
        private int lost;
    }

    private record Member(String joinRef, int seen) {}

    private final SplittableRandom random;
    private final Map<String, Topic> topics = new HashMap<>();
    private final Map<String, Member> members = new HashMap<>();
    private final Map<String, Integer> executions = new HashMap<>();

    /** The number of the last push of each topic. */
    private final Map<String, Long> pushes = new HashMap<>();

    /** Replies that come later. */
    private final List<String> late = new ArrayList<>();

    final ArrayDeque<String> toClient = new ArrayDeque<>();

    /** Whether it has no faults any more. */
    boolean isQuiet;

    ModelServer(SplittableRandom random) {
        this.random = random;
    }

    void disconnected() {
        members.clear();
        toClient.clear();
        late.clear();
    }

    private Topic topic(String name) {
        return topics.computeIfAbsent(name, key -> new Topic());
    }

    int published(String name) {
        return topic(name).published;
    }

    int executions(String key) {
        return executions.getOrDefault(key, 0);
    }

    private boolean happens(int percent) {
        return !isQuiet && random.nextInt(100) < percent;
    }

    /** Publishes a kept message, or misses some itself. */
    void publish(String name) {
        Topic topic = topic(name);
        boolean gap = happens(5);
        if (gap) {
            topic.published += 1 + random.nextInt(3);
            topic.lost = topic.published;
        }
        topic.published++;
        if (members.containsKey(name)) {
            toClient.add(kept(name, topic.published, gap));
        }
    }

    private static String kept(String name, int number, boolean gap) {
        return "[null,\"@s." + number + (gap ? "~" : "") + "\",\"" + name + "\",\"kept\",{\"n\":" + number + "}]";
    }

    /** Sends a message that is not kept. */
    void volatileMessage(String name) {
        if (members.containsKey(name)) {
            toClient.add("[null,null,\"" + name + "\",\"volatile\",{}]");
        }
    }

    /** Sends a message of a membership that has ended. */
    void stale(String name) {
        toClient.add("[\"0\",null,\"" + name + "\",\"stale\",{}]");
        toClient.add("[\"0\",\"0\",\"" + name + "\",\"phx_close\",{}]");
    }

    void crash(String name) {
        Member member = members.remove(name);
        if (member != null) {
            toClient.add("[\"" + member.joinRef + "\",\"" + member.joinRef + "\",\"" + name
                    + "\",\"phx_error\",{\"reason\":\"channel_crash\"}]");
        }
    }

    void malformed() {
        toClient.add("[oops");
    }

    void sendLate() {
        if (!late.isEmpty()) {
            toClient.add(late.remove(random.nextInt(late.size())));
        }
    }

    void received(String text) {
        JsonNode frame = Payload.json(text).tree();
        String joinRef = frame.get(0).isNull() ? "" : frame.get(0).stringValue();
        String ref = frame.get(1).stringValue();
        String topic = frame.get(2).stringValue();
        String event = frame.get(3).stringValue();
        JsonNode payload = frame.get(4);
        switch (event) {
            case "heartbeat" -> reply(ref, topic, "ok", "{}");
            case "phx_join" -> join(ref, topic, payload);
            case "phx_leave" -> leave(joinRef, ref, topic);
            case "once", "buy" -> {
                if (!isMember(topic, joinRef)) {
                    reply(ref, topic, "error", "{\"reason\":\"unmatched topic\"}");
                } else if (event.equals("once")) {
                    once(ref, topic, payload.get("key").stringValue());
                } else {
                    answer(ref, topic, "ok", "{}");
                }
            }
            default -> pushed(topic, payload.get("n").longValue());
        }
    }

    private boolean isMember(String topic, String joinRef) {
        Member member = members.get(topic);
        return member != null && member.joinRef.equals(joinRef);
    }

    private void pushed(String topic, long number) {
        Long before = pushes.put(topic, number);
        if (before != null && before >= number) {
            throw new AssertionError("push " + number + " of " + topic + " came after " + before);
        }
    }

    private void join(String ref, String name, JsonNode payload) {
        if (happens(12)) {
            reply(ref, name, "error", "{\"reason\":\"overloaded\"}"); // before a membership is replaced
            return;
        }
        Member before = members.remove(name);
        if (happens(3)) {
            reply(ref, name, "error", "{\"reason\":\"full\"}");
            return;
        }
        if (happens(5)) {
            return; // no reply
        }
        Topic topic = topic(name);
        int from = topic.published;
        boolean recovered = false;
        if (payload.has("since")) {
            int since = Integer.parseInt(payload.get("since").stringValue().replaceAll("[^0-9]", ""));
            recovered = since >= topic.lost && topic.published - since <= KEPT;
            from = recovered ? since : from;
        }
        members.put(name, new Member(ref, from));
        reply(
                ref,
                name,
                "ok",
                "{\"n\":" + topic.published + ",\"history\":{\"token\":\"@s." + from + "\",\"recovered\":" + recovered
                        + "}}");
        if (before != null) {
            toClient.add("[\"" + before.joinRef + "\",\"" + before.joinRef + "\",\"" + name + "\",\"phx_close\",{}]");
        }
        for (int number = from + 1; recovered && number <= topic.published; number++) {
            toClient.add(kept(name, number, false));
        }
    }

    private void leave(String joinRef, String ref, String name) {
        Member member = members.get(name);
        if (member != null && member.joinRef.equals(joinRef)) {
            members.remove(name);
        }
        reply(ref, name, "ok", "{}");
    }

    private void once(String ref, String topic, String key) {
        if (happens(20)) {
            reply(ref, topic, "error", "{\"reason\":\"" + (happens(50) ? "unavailable" : "still_running") + "\"}");
            return;
        }
        executions.merge(key, 1, Integer::sum); // the real server executes once; the model counts requests
        answer(ref, topic, "ok", "{\"key\":\"" + key + "\"}");
    }

    private void answer(String ref, String topic, String status, String response) {
        String reply = text(ref, topic, status, response);
        if (happens(30)) {
            late.add(reply);
        } else if (!happens(10)) {
            toClient.add(reply);
        }
    }

    private void reply(String ref, String topic, String status, String response) {
        toClient.add(text(ref, topic, status, response));
    }

    private static String text(String ref, String topic, String status, String response) {
        return "[null,\"" + ref + "\",\"" + topic + "\",\"phx_reply\",{\"status\":\"" + status + "\",\"response\":"
                + response + "}]";
    }
}
