package io.heliodor.playground.node;

import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The procedures of {@code serve}. */
final class ServedProcedures {
    private ServedProcedures() {}

    /** A procedure, which may block. */
    @FunctionalInterface
    interface Body {
        /**
         * Runs the procedure.
         *
         * @param json the argument
         * @return the result as JSON
         * @throws Exception the caller gets its message
         */
        String run(String json) throws Exception;
    }

    static Optional<Body> find(String name, String node) {
        return Optional.ofNullable(
                switch (name) {
                    case "echo" -> json -> json;
                    case "node" -> json -> Json.string(node);
                    case "sleep" -> ServedProcedures::sleep;
                    case "fail" -> ServedProcedures::fail;
                    default -> null;
                });
    }

    private static String sleep(String json) throws InterruptedException {
        JsonNode millis = Json.value(json)
                .filter(value -> value.isIntegralNumber() && value.canConvertToLong() && value.longValue() >= 0)
                .orElseThrow(
                        () -> new IllegalArgumentException("sleep takes milliseconds, 0 or more, but got " + json));
        Thread.sleep(millis.longValue());
        return json;
    }

    private static String fail(String json) {
        throw new IllegalStateException(Json.value(json)
                .filter(JsonNode::isString)
                .map(JsonNode::stringValue)
                .orElse(json));
    }
}
