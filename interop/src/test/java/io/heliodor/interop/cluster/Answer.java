package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** The answer of a shell to a command. */
record Answer(String node, String command, JsonNode json) {
    boolean ok() {
        return json.path("ok").asBoolean(false);
    }

    /** The code of an error, or nothing. */
    String error() {
        return json.path("error").asString("");
    }

    /** Checks that the command has succeeded. */
    Answer good() {
        assertThat(json.path("ok").asBoolean(false)).as(toString()).isTrue();
        return this;
    }

    /** Checks that the command has failed with this code, and that the answer has a message. */
    Answer refused(String code) {
        assertThat(error()).as(toString()).isEqualTo(code);
        assertThat(json.path("message").asString("")).as(toString()).isNotBlank();
        return this;
    }

    /** The value of a field, which must exist. */
    JsonNode field(String name) {
        assertThat(json.has(name)).as(this + " has " + name).isTrue();
        return json.get(name);
    }

    /** A text, or the word null. */
    String text(String name) {
        return field(name).isNull() ? "null" : field(name).asString();
    }

    long number(String name) {
        assertThat(field(name).isIntegralNumber()).as(this + ": " + name).isTrue();
        return field(name).longValue();
    }

    double decimal(String name) {
        assertThat(field(name).isNumber()).as(this + ": " + name).isTrue();
        return field(name).doubleValue();
    }

    boolean flag(String name) {
        assertThat(field(name).isBoolean()).as(this + ": " + name).isTrue();
        return field(name).booleanValue();
    }

    List<String> texts(String name) {
        assertThat(field(name).isArray()).as(this + ": " + name).isTrue();
        List<String> texts = new ArrayList<>();
        field(name).forEach(each -> texts.add(each.asString()));
        return texts;
    }

    /** The status of each member, by its name. */
    Map<String, String> statuses() {
        Map<String, String> statuses = new TreeMap<>();
        field("members")
                .forEach(row -> statuses.put(
                        row.get("node").asString(), row.get("status").asString()));
        return statuses;
    }

    /** The incarnation of each member, by its name. */
    Map<String, Long> incarnations() {
        Map<String, Long> incarnations = new TreeMap<>();
        field("members")
                .forEach(row -> incarnations.put(
                        row.get("node").asString(), row.get("incarnation").longValue()));
        return incarnations;
    }

    @Override
    public String toString() {
        return node + "> " + (command.length() > 200 ? command.substring(0, 200) + "..." : command) + "\n" + json;
    }
}
