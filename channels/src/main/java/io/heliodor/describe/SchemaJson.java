package io.heliodor.describe;

import io.heliodor.schema.Schema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Writes schemas as objects of JSON Schema, with keywords that mean the same in draft-07 and 2020-12. */
final class SchemaJson {
    /** The years 0 to 9999 in seconds since 1970. */
    private static final long FIRST_SECOND = -62_167_219_200L;

    private static final long LAST_SECOND = 253_402_300_799L;

    /** The path to the schemas with names, such as {@code #/types/}. */
    private final String path;

    SchemaJson(String path) {
        this.path = path;
    }

    Map<String, Object> of(Schema schema) {
        Map<String, Object> json = new LinkedHashMap<>();
        switch (schema) {
            case Schema.Any(var note) -> {
                if (!note.isEmpty()) {
                    json.put("description", note + ".");
                }
            }
            case Schema.Present _ -> json.put("type", List.of("object", "array", "string", "number", "boolean"));
            case Schema.Text(var format, var encoding, var pattern) -> {
                json.put("type", "string");
                format.ifPresent(name -> json.put("format", name));
                encoding.ifPresent(name -> json.put("contentEncoding", name));
                pattern.ifPresent(expression -> json.put("pattern", expression));
            }
            case Schema.Choice(var values, var open) -> {
                if (open) {
                    json.put("anyOf", List.of(Map.of("enum", values), Map.of("type", "string")));
                } else {
                    json.put("type", "string");
                    json.put("enum", values);
                }
            }
            case Schema.WholeChoice(var values) -> {
                json.put("type", "integer");
                json.put("enum", values);
            }
            case Schema.Whole(var format) -> {
                json.put("type", "integer");
                format.ifPresent(name -> range(name, json));
            }
            case Schema.Decimal(var format) -> {
                json.put("type", "number");
                format.ifPresent(name -> range(name, json));
            }
            case Schema.Truth _ -> json.put("type", "boolean");
            case Schema.Items(var element) -> {
                json.put("type", "array");
                json.put("items", of(element));
            }
            case Schema.Entries(var name, var value) -> {
                json.put("type", "object");
                if (!name.equals(Schema.Text.PLAIN)) {
                    json.put("propertyNames", of(name));
                }
                if (!value.equals(new Schema.Any(""))) {
                    json.put("additionalProperties", of(value));
                }
            }
            case Schema.Fields object -> fields(object, json);
            case Schema.OneOf(var cases) ->
                json.put("oneOf", cases.stream().map(this::of).toList());
            case Schema.Tagged(var property, var value, var plain) ->
                json.put(
                        "allOf",
                        List.of(
                                of(new Schema.Fields(List.of(
                                        new Schema.Field(property, new Schema.Choice(List.of(value), false), true)))),
                                of(plain)));
            case Schema.Untagged(var property, var values, var plain) ->
                json.put(
                        "allOf",
                        List.of(
                                of(plain),
                                Map.of(
                                        "not",
                                        of(new Schema.Fields(List.of(new Schema.Field(
                                                property, new Schema.Choice(values, false), true)))))));
            case Schema.Wrapped(var property, var value) -> {
                fields(new Schema.Fields(List.of(new Schema.Field(property, value, true))), json);
                json.put("maxProperties", 1);
            }
            case Schema.Ref(var name) -> json.put("$ref", path + name);
            case Schema.Nullable(var value) -> {
                json.putAll(of(value));
                if (json.get("type") instanceof String type && !json.containsKey("enum")) {
                    json.put("type", List.of(type, "null"));
                } else {
                    Map<String, Object> plain = new LinkedHashMap<>(json);
                    json.clear();
                    json.put("anyOf", List.of(plain, Map.of("type", "null")));
                }
            }
        }
        return json;
    }

    private void fields(Schema.Fields object, Map<String, Object> json) {
        json.put("type", "object");
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        List<Map<String, Object>> byOneName = new ArrayList<>();
        for (Schema.Field field : object.fields()) {
            properties.put(field.name(), of(field.schema()));
            field.aliases().forEach(alias -> properties.put(alias, of(field.schema())));
            if (field.required() && field.aliases().isEmpty()) {
                required.add(field.name());
            } else if (field.required()) {
                byOneName.add(Map.of(
                        "anyOf",
                        Stream.concat(Stream.of(field.name()), field.aliases().stream())
                                .map(name -> Map.of("required", List.of(name)))
                                .toList()));
            }
        }
        if (!properties.isEmpty()) {
            json.put("properties", properties);
        }
        if (!object.isOpen()) {
            json.put(
                    "additionalProperties",
                    object.further().<Object>map(this::of).orElse(false));
        }
        if (!required.isEmpty()) {
            json.put("required", required);
        }
        if (!byOneName.isEmpty()) {
            json.put("allOf", byOneName);
        }
    }

    /** The range of numbers. Validators know the names of some formats, and take others for a mistake. */
    private static void range(String format, Map<String, Object> json) {
        switch (format) {
            case "int8" -> range(Byte.MIN_VALUE, Byte.MAX_VALUE, json);
            case "int16" -> range(Short.MIN_VALUE, Short.MAX_VALUE, json);
            case "float" -> range(-3.4028235e38, 3.4028235e38, json);
            case "epoch-seconds" -> range(FIRST_SECOND, LAST_SECOND, json);
            case "epoch-milliseconds" -> range(FIRST_SECOND * 1000, LAST_SECOND * 1000, json);
            default -> json.put("format", format);
        }
    }

    private static void range(Number from, Number to, Map<String, Object> json) {
        json.put("minimum", from);
        json.put("maximum", to);
    }
}
