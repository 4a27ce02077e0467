package io.heliodor.describe;

import io.heliodor.schema.Schema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes schemas as objects of JSON Schema, with keywords that mean the same in draft-07 and 2020-12. */
final class SchemaJson {
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
            case Schema.Text(var format, var encoding) -> {
                json.put("type", "string");
                format.ifPresent(name -> json.put("format", name));
                encoding.ifPresent(name -> json.put("contentEncoding", name));
            }
            case Schema.Choice(var values, var open) -> {
                if (open) {
                    json.put("anyOf", List.of(Map.of("enum", values), Map.of("type", "string")));
                } else {
                    json.put("type", "string");
                    json.put("enum", values);
                }
            }
            case Schema.Whole(var format) -> {
                json.put("type", "integer");
                format.ifPresent(name -> json.put("format", name));
            }
            case Schema.Decimal _ -> json.put("type", "number");
            case Schema.Truth _ -> json.put("type", "boolean");
            case Schema.Items(var element, var unique) -> {
                json.put("type", "array");
                json.put("items", of(element));
                if (unique) {
                    json.put("uniqueItems", true);
                }
            }
            case Schema.Entries(var value) -> {
                json.put("type", "object");
                if (!value.equals(new Schema.Any(""))) {
                    json.put("additionalProperties", of(value));
                }
            }
            case Schema.Fields(var fields) -> fields(fields, json);
            case Schema.OneOf(var cases) ->
                json.put("oneOf", cases.stream().map(this::of).toList());
            case Schema.Tagged(var property, var value, var plain) ->
                json.put(
                        "allOf",
                        List.of(
                                of(new Schema.Fields(List.of(
                                        new Schema.Field(property, new Schema.Choice(List.of(value), false), true)))),
                                of(plain)));
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

    private void fields(List<Schema.Field> fields, Map<String, Object> json) {
        json.put("type", "object");
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (Schema.Field field : fields) {
            properties.put(field.name(), of(field.schema()));
            if (field.required()) {
                required.add(field.name());
            }
        }
        if (!properties.isEmpty()) {
            json.put("properties", properties);
        }
        if (!required.isEmpty()) {
            json.put("required", required);
        }
    }
}
