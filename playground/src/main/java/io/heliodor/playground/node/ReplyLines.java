package io.heliodor.playground.node;

import io.heliodor.election.Election;
import io.heliodor.membership.Health;
import io.heliodor.membership.Member;
import io.heliodor.playground.node.Result.Done;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The reply lines of commands. */
final class ReplyLines {
    /** The maximum characters of a message. It may contain a refused value, which is as long as its line. */
    static final int MAX_MESSAGE = 4_000;

    private ReplyLines() {}

    static ObjectNode ok() {
        return Json.object().put("ok", true);
    }

    static ObjectNode error(ErrorCode code, String message) {
        return Json.object().put("ok", false).put("error", code.text()).put("message", limited(message));
    }

    private static String limited(String message) {
        if (message.length() <= MAX_MESSAGE) {
            return message;
        }
        boolean half = Character.isHighSurrogate(message.charAt(MAX_MESSAGE - 1));
        return message.substring(0, half ? MAX_MESSAGE - 1 : MAX_MESSAGE) + "...";
    }

    static ObjectNode of(Result<Done> result) {
        return of(result, (answer, done) -> {});
    }

    /** The line of a result; the caller adds the fields of a success. */
    static <T> ObjectNode of(Result<T> result, BiConsumer<ObjectNode, T> fill) {
        return switch (result) {
            case Result.Ok<T>(T value) -> {
                ObjectNode answer = ok();
                fill.accept(answer, value);
                yield answer;
            }
            case Result.Failed<T>(ErrorCode code, String message) -> error(code, message);
        };
    }

    static ObjectNode self(String node, long incarnation) {
        return ok().put("node", node).put("incarnation", incarnation);
    }

    static ObjectNode members(List<Member> members) {
        ObjectNode answer = ok();
        ArrayNode rows = answer.putArray("members");
        for (Member member : members) {
            rows.addObject()
                    .put("node", member.node())
                    .put("status", word(member.status()))
                    .put("incarnation", member.incarnation());
        }
        return answer;
    }

    static ObjectNode ping(Result<Duration> ping) {
        return of(ping, (answer, took) -> answer.put("ms", Math.round(took.toNanos() / 1e3) / 1e3));
    }

    static ObjectNode health(Result<Health> result) {
        return of(result, (answer, health) -> {
            answer.put("status", word(health.status()));
            strings(answer, "reachable", health.reachable());
            strings(answer, "unreachable", health.unreachable());
            answer.put("quorum", health.quorum());
            if (!health.reasons().isEmpty()) {
                strings(answer, "reasons", health.reasons());
            }
        });
    }

    static ObjectNode lookup(Result<Optional<String>> lookup) {
        return of(lookup, (answer, node) -> text(answer, "node", node));
    }

    static ObjectNode list(String field, List<String> texts) {
        return strings(ok(), field, texts);
    }

    static ObjectNode rpc(Result<String> rpc) {
        return of(rpc, (answer, json) -> {
            JsonNode result = Json.value(json)
                    .orElseThrow(() -> new IllegalStateException("the result of a procedure is not JSON: " + json));
            answer.set("result", result);
        });
    }

    static ObjectNode leader(Result<ShellNode.Leadership> leader) {
        return of(leader, (answer, leadership) -> {
            text(answer, "leader", leadership.leader());
            leadership.term().ifPresentOrElse(term -> term(answer, term), () -> answer.putNull("term"));
            answer.put("leading", leadership.leading());
        });
    }

    static ObjectNode metadata(Result<Map<String, String>> metadata) {
        return of(metadata, (answer, entries) -> {
            ObjectNode inner = answer.putObject("entries");
            entries.forEach(inner::put);
        });
    }

    static ObjectNode stats(Map<String, Number> stats) {
        ObjectNode answer = ok();
        ObjectNode inner = answer.putObject("stats");
        stats.forEach((name, value) -> {
            if (value instanceof Double || value instanceof Float) {
                inner.put(name, value.doubleValue());
            } else {
                inner.put(name, value.longValue());
            }
        });
        return answer;
    }

    /** The number if voters decide, else the label. */
    static void term(ObjectNode line, Election.Term term) {
        term.fencing().ifPresentOrElse(fencing -> line.put("term", fencing), () -> line.put("term", term.label()));
    }

    static void text(ObjectNode line, String field, Optional<String> text) {
        text.ifPresentOrElse(value -> line.put(field, value), () -> line.putNull(field));
    }

    static ObjectNode strings(ObjectNode line, String field, List<String> texts) {
        ArrayNode array = line.putArray(field);
        texts.forEach(array::add);
        return line;
    }

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
