package io.heliodor.playground.node;

import io.heliodor.type.text.ControlCharacters;
import java.util.StringJoiner;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** The output lines as plain text for people. */
final class PlainText {
    private PlainText() {}

    static String of(ObjectNode line) {
        JsonNode event = line.get("event");
        if (event != null) {
            return "* " + (event.stringValue() + " " + fields(line, "event")).strip();
        }
        if (!line.get("ok").booleanValue()) {
            return line.get("error").stringValue() + ": " + line.get("message").stringValue();
        }
        String fields = fields(line, "ok");
        return fields.isEmpty() ? "ok" : fields;
    }

    private static String fields(ObjectNode line, String without) {
        StringJoiner fields = new StringJoiner(", ");
        for (var field : line.properties()) {
            if (!field.getKey().equals(without)) {
                fields.add(field.getKey() + ": " + value(field.getValue()));
            }
        }
        return fields.toString();
    }

    private static String value(JsonNode value) {
        if (value.isNull()) {
            return "none";
        }
        if (value.isString()) {
            return printable(value.stringValue());
        }
        if (!value.isContainer()) {
            return value.asString();
        }
        if (value.isEmpty()) {
            return "none";
        }
        StringBuilder rows = new StringBuilder();
        if (value instanceof ObjectNode object) {
            object.properties()
                    .forEach(field -> rows.append("\n  ")
                            .append(printable(field.getKey()))
                            .append(" = ")
                            .append(value(field.getValue())));
        } else {
            for (JsonNode element : value) {
                rows.append("\n  ").append(element instanceof ObjectNode row ? fields(row, "") : value(element));
            }
        }
        return rows.toString();
    }

    /** Escapes control characters in texts of others, which must not move the cursor. */
    private static String printable(String text) {
        return ControlCharacters.escaped(text);
    }
}
