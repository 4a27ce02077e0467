package io.heliodor.playground.node;

import io.heliodor.election.Election;
import tools.jackson.databind.node.ObjectNode;

/** The output lines of events. */
final class EventLines {
    private EventLines() {}

    static ObjectNode started(String node, int port) {
        return event("started").put("node", node).put("port", port);
    }

    static ObjectNode of(ShellEvent event) {
        return switch (event) {
            case ShellEvent.Membership(ShellEvent.Change change, String node, long incarnation) ->
                event(ReplyLines.word(change)).put("node", node).put("incarnation", incarnation);
            case ShellEvent.Merged merged -> ReplyLines.strings(event("merged"), "nodes", merged.nodes());
            case ShellEvent.Conflict(String name, String winner, String loser) ->
                event("conflict").put("name", name).put("winner", winner).put("loser", loser);
            case ShellEvent.ProcessDown down -> {
                ObjectNode line = event("down").put("name", down.name());
                ReplyLines.text(line, "node", down.node());
                yield line.put("reason", ReplyLines.word(down.reason()));
            }
            case ShellEvent.Leading(String election, Election.Term term) -> term("leading", election, term);
            case ShellEvent.Lost(String election, Election.Term term) -> term("lost", election, term);
            case ShellEvent.Message(String topic, String text, String from) ->
                event("message").put("topic", topic).put("text", text).put("from", from);
        };
    }

    private static ObjectNode term(String event, String election, Election.Term term) {
        ObjectNode line = event(event).put("election", election);
        ReplyLines.term(line, term);
        return line;
    }

    private static ObjectNode event(String name) {
        return Json.object().put("event", name);
    }
}
