package io.heliodor.wire.schema;

import io.heliodor.schema.Schema;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/** Decides whether JSON has the form of a schema. */
final class SchemaCheck {
    private final Map<String, Schema> named;

    SchemaCheck(Map<String, Schema> named) {
        this.named = named;
    }

    boolean accepts(Schema schema, JsonNode json) {
        return switch (schema) {
            case Schema.Any _ -> true;
            case Schema.Present _ -> !json.isNull();
            case Schema.Text(var format, var _, var pattern) ->
                json.isString()
                        && (format.isEmpty() || isIn(format.get(), json.asString()))
                        && (pattern.isEmpty()
                                || Pattern.compile(pattern.get())
                                        .matcher(json.asString())
                                        .find());
            case Schema.WholeChoice(var values) -> json.isIntegralNumber() && values.contains(json.asLong());
            case Schema.Wrapped(var property, var value) ->
                json.isObject() && json.size() == 1 && json.has(property) && accepts(value, json.get(property));
            case Schema.Choice(var values, var open) -> json.isString() && (open || values.contains(json.asString()));
            case Schema.Whole _ ->
                json.isNumber() && json.decimalValue().stripTrailingZeros().scale() <= 0;
            case Schema.Decimal _ -> json.isNumber();
            case Schema.Truth _ -> json.isBoolean();
            case Schema.Items(var element) ->
                json.isArray() && json.valueStream().allMatch(each -> accepts(element, each));
            case Schema.Entries(var name, var value) ->
                json.isObject()
                        && json.propertyStream()
                                .allMatch(each -> accepts(name, StringNode.valueOf(each.getKey()))
                                        && accepts(value, each.getValue()));
            case Schema.Fields(var fields, var further) ->
                json.isObject()
                        && fields.stream().allMatch(field -> accepts(field, json))
                        && json.propertyStream()
                                .filter(each -> fields.stream()
                                        .noneMatch(field -> field.name().equals(each.getKey())
                                                || field.aliases().contains(each.getKey())))
                                .allMatch(each -> further.isPresent() && accepts(further.get(), each.getValue()));
            case Schema.Untagged(var property, var values, var plain) ->
                !(json.path(property).isString()
                                && values.contains(json.path(property).asString()))
                        && accepts(plain, json);
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

    private boolean accepts(Schema.Field field, JsonNode json) {
        JsonNode value = json.get(field.name());
        return value == null ? !field.required() : accepts(field.schema(), value);
    }
}
