package io.heliodor.examples.desk;

import io.heliodor.examples.desk.DeskMessages.Conversation;
import io.heliodor.examples.desk.DeskMessages.Message;
import java.util.NavigableSet;
import java.util.Queue;
import java.util.concurrent.ConcurrentSkipListSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A page that stays in one ticket: after the end of its connection it opens another one, with the position that it had. */
final class Follower implements Runnable {
    private final int port;
    private final String token;
    private final long ticket;
    private final Queue<String> failures;

    /** The ids of the messages that it has. */
    final NavigableSet<Long> messages = new ConcurrentSkipListSet<>();

    /** The time of its last join, by {@link System#nanoTime}. */
    volatile long joined;

    private String position;
    private volatile boolean stopped;

    Follower(int port, String token, long ticket, Queue<String> failures) {
        this.port = port;
        this.token = token;
        this.ticket = ticket;
        this.failures = failures;
    }

    long ticket() {
        return ticket;
    }

    /** The id of the newest message that it has; 0 before the first one. */
    long newest() {
        return messages.isEmpty() ? 0 : messages.last();
    }

    void stop() {
        stopped = true;
    }

    @Override
    public void run() {
        while (!stopped) {
            Page page;
            try {
                page = Page.open(port, token);
            } catch (RuntimeException e) {
                failures.add("a handshake: " + e);
                return;
            }
            try (page) {
                follow(page);
            } catch (Page.Closed e) {
                // the next connection goes on
            } catch (RuntimeException | AssertionError e) {
                failures.add("ticket " + ticket + ": " + e);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void follow(Page page) throws InterruptedException {
        ObjectNode params = Page.JSON.createObjectNode();
        if (position != null) {
            params.put("since", position);
        }
        String join = page.send("ticket:" + ticket, "phx_join", params);
        while (!stopped) {
            Page.Frame frame = page.next(any -> !any.event().equals("closed"));
            if (frame.ref().equals(join)) {
                joined(frame.payload());
            } else if (frame.ref().startsWith("@")) {
                position = frame.ref();
            }
            if (frame.event().equals("message")) {
                messages.add(frame.payload().get("id").asLong());
            }
        }
    }

    private void joined(JsonNode reply) {
        joined = System.nanoTime();
        JsonNode state = reply.get("response");
        if (!reply.get("status").asString().equals("ok")) {
            throw new IllegalStateException("refused: " + reply);
        }
        position = state.get("history").get("token").asString();
        if (!state.get("history").get("recovered").asBoolean()) {
            Page.JSON.treeToValue(state, Conversation.class).messages().stream()
                    .map(Message::id)
                    .forEach(messages::add);
        }
    }
}
