package io.heliodor.wire.schema;

import io.heliodor.schema.Schema;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.HashSet;
import java.util.Map;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** Decides whether JSON has the form of a schema. */
final class SchemaCheck {
    private final Map<String, Schema> named;

    SchemaCheck(Map<String, Schema> named) {
        this.named = named;
    }

    boolean accepts(Schema schema, JsonNode json) {
        return switch (schema) {
            case Schema.Any _ -> true;
            case Schema.Text(var format, var encoding) ->
                json.isString()
                        && (format.isEmpty() || isIn(format.get(), json.asString()))
                        && (encoding.isEmpty() || isBase64(json.asString()));
            case Schema.Choice(var values, var open) -> json.isString() && (open || values.contains(json.asString()));
            case Schema.Whole _ ->
                json.isNumber() && json.decimalValue().stripTrailingZeros().scale() <= 0;
            case Schema.Decimal _ -> json.isNumber();
            case Schema.Truth _ -> json.isBoolean();
            case Schema.Items(var element, var unique) ->
                json.isArray()
                        && json.valueStream().allMatch(each -> accepts(element, each))
                        && (!unique || new HashSet<>(json.valueStream().toList()).size() == json.size());
            case Schema.Entries(var value) ->
                json.isObject() && json.valueStream().allMatch(each -> accepts(value, each));
            case Schema.Fields(var fields) ->
                json.isObject() && fields.stream().allMatch(field -> accepts(field, json));
            case Schema.OneOf(var cases) ->
                cases.stream().filter(each -> accepts(each, json)).count() == 1;
            case Schema.Tagged(var property, var value, var plain) ->
                json.path(property).isString() && json.path(property).asString().equals(value) && accepts(plain, json);
            case Schema.Ref(var name) -> accepts(named.get(name), json);
            case Schema.Nullable(var value) -> json.isNull() || accepts(value, json);
        };
    }

    private static boolean isIn(String format, String text) {
        try {
            Object _ = switch (format) {
                case "date-time" -> OffsetDateTime.parse(text);
                case "date" -> LocalDate.parse(text);
                case "uuid" -> UUID.fromString(text);
                default -> throw new AssertionError(format);
            };
            return true;
        } catch (DateTimeParseException | IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isBase64(String text) {
        return text.length() % 4 == 0 && text.matches("[A-Za-z0-9+/]*=*");
    }

    private boolean accepts(Schema.Field field, JsonNode json) {
        JsonNode value = json.get(field.name());
        return value == null ? !field.required() : accepts(field.schema(), value);
    }
}
