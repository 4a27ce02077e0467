package io.heliodor.interop.cluster;

import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** A pattern of an event: its name and some of its fields. */
record Happening(String event, Map<String, String> fields) {
    static Happening of(String event) {
        return new Happening(event, Map.of());
    }

    /** Numbers are given as texts. */
    Happening with(String field, String value) {
        Map<String, String> more = new TreeMap<>(fields);
        more.put(field, value);
        return new Happening(event, more);
    }

    /** It has this field, with any value: events of a monitor have a name, events of membership an incarnation. */
    Happening having(String field) {
        return with(field, "*");
    }

    boolean matches(JsonNode json) {
        return json.path("event").asString("").equals(event)
                && fields.entrySet().stream()
                        .allMatch(field -> json.has(field.getKey())
                                && (field.getValue().equals("*")
                                        || json.get(field.getKey())
                                                .asString("null")
                                                .equals(field.getValue())));
    }
}
