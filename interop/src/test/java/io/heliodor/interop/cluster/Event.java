package io.heliodor.interop.cluster;

import tools.jackson.databind.JsonNode;

/** An event, and when its line was read, by {@link System#nanoTime}. */
record Event(long nanos, JsonNode json) {
    String name() {
        return json.path("event").asString("");
    }

    String text(String field) {
        return json.path(field).asString("");
    }

    @Override
    public String toString() {
        return json.toString();
    }
}
