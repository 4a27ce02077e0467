package io.heliodor.wire.schema;

import java.math.BigDecimal;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** A validator of JSON Schema, with the keywords that contracts have. An unknown keyword is an error, so that none is skipped. */
final class DocumentCheck {
    private static final Set<String> KNOWN = Set.of(
            "description",
            "type",
            "format",
            "contentEncoding",
            "pattern",
            "enum",
            "anyOf",
            "oneOf",
            "allOf",
            "not",
            "$ref",
            "properties",
            "required",
            "items",
            "additionalProperties",
            "propertyNames",
            "minimum",
            "maximum",
            "minItems",
            "maxItems",
            "maxProperties");
    private static final Pattern UUID =
            Pattern.compile("(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
    private static final Pattern TIME =
            Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)");

    private final JsonNode root;

    /** {@code root}: the document in which references begin with {@code #}. */
    DocumentCheck(JsonNode root) {
        this.root = root;
    }

    boolean accepts(JsonNode schema, JsonNode value) {
        for (String keyword : schema.propertyNames()) {
            if (!KNOWN.contains(keyword)) {
                throw new AssertionError("unknown keyword " + keyword + " in " + schema);
            }
            if (!accepts(keyword, schema.get(keyword), schema, value)) {
                return false;
            }
        }
        return true;
    }

    private boolean accepts(String keyword, JsonNode of, JsonNode schema, JsonNode value) {
        return switch (keyword) {
            case "$ref" -> accepts(root.at(of.asString().substring(1)), value);
            case "type" ->
                of.isArray() ? of.valueStream().anyMatch(each -> is(each.asString(), value)) : is(of.asString(), value);
            case "enum" -> of.valueStream().anyMatch(each -> equal(each, value));
            case "anyOf" -> of.valueStream().anyMatch(each -> accepts(each, value));
            case "oneOf" ->
                of.valueStream().filter(each -> accepts(each, value)).count() == 1;
            case "allOf" -> of.valueStream().allMatch(each -> accepts(each, value));
            case "not" -> !accepts(of, value);
            case "required" -> !value.isObject() || of.valueStream().allMatch(name -> value.has(name.asString()));
            case "properties" ->
                !value.isObject()
                        || of.propertyStream()
                                .allMatch(each -> !value.has(each.getKey())
                                        || accepts(each.getValue(), value.get(each.getKey())));
            case "additionalProperties" -> !value.isObject() || additional(of, schema, value);
            case "propertyNames" ->
                !value.isObject()
                        || value.propertyStream()
                                .allMatch(
                                        each -> accepts(of, new tools.jackson.databind.node.StringNode(each.getKey())));
            case "items" -> !value.isArray() || value.valueStream().allMatch(each -> accepts(of, each));
            case "maxProperties" -> !value.isObject() || value.size() <= of.asInt();
            case "minItems" -> !value.isArray() || value.size() >= of.asInt();
            case "maxItems" -> !value.isArray() || value.size() <= of.asInt();
            case "minimum" -> !value.isNumber() || value.decimalValue().compareTo(of.decimalValue()) >= 0;
            case "maximum" -> !value.isNumber() || value.decimalValue().compareTo(of.decimalValue()) <= 0;
            case "pattern" ->
                !value.isString()
                        || Pattern.compile(of.asString())
                                .matcher(value.asString())
                                .find();
            case "format" -> isIn(of.asString(), value);
            default -> true;
        };
    }

    private boolean additional(JsonNode of, JsonNode schema, JsonNode value) {
        return value.propertyStream()
                .filter(each -> !schema.path("properties").has(each.getKey()))
                .allMatch(each -> of.isBoolean() ? of.asBoolean() : accepts(of, each.getValue()));
    }

    private static boolean equal(JsonNode one, JsonNode other) {
        return (one.isNumber() && other.isNumber())
                ? one.decimalValue().compareTo(other.decimalValue()) == 0
                : one.equals(other);
    }

    private static boolean is(String type, JsonNode value) {
        return switch (type) {
            case "string" -> value.isString();
            case "number" -> value.isNumber();
            case "integer" ->
                value.isNumber() && value.decimalValue().stripTrailingZeros().scale() <= 0;
            case "boolean" -> value.isBoolean();
            case "null" -> value.isNull();
            case "array" -> value.isArray();
            case "object" -> value.isObject();
            default -> throw new AssertionError(type);
        };
    }

    private static boolean isIn(String format, JsonNode value) {
        return switch (format) {
            case "int32" ->
                isBetween(value, BigDecimal.valueOf(Integer.MIN_VALUE), BigDecimal.valueOf(Integer.MAX_VALUE));
            case "int64" -> isBetween(value, BigDecimal.valueOf(Long.MIN_VALUE), BigDecimal.valueOf(Long.MAX_VALUE));
            case "double" ->
                isBetween(value, BigDecimal.valueOf(-Double.MAX_VALUE), BigDecimal.valueOf(Double.MAX_VALUE));
            case "float" -> true;
            case "uuid" -> !value.isString() || UUID.matcher(value.asString()).matches();
            case "date" -> !value.isString() || isDate(value.asString());
            case "date-time" -> !value.isString() || isTime(value.asString());
            default -> throw new AssertionError("unknown format " + format);
        };
    }

    private static boolean isBetween(JsonNode value, BigDecimal from, BigDecimal to) {
        return !value.isNumber()
                || (value.decimalValue().compareTo(from) >= 0
                        && value.decimalValue().compareTo(to) <= 0);
    }

    private static boolean isDate(String text) {
        try {
            return text.matches("\\d{4}-\\d\\d-\\d\\d") && LocalDate.parse(text).getYear() >= 0;
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    private static boolean isTime(String text) {
        try {
            return TIME.matcher(text).matches() && OffsetDateTime.parse(text).getYear() >= 0;
        } catch (DateTimeParseException e) {
            return false;
        }
    }

    /** Whether a schema leaves something open on purpose: its description says why. */
    boolean isVague(JsonNode schema) {
        return isVague(schema, new java.util.HashSet<>());
    }

    private boolean isVague(JsonNode schema, Set<String> seen) {
        if (schema.isObject() && schema.has("description")) {
            return true;
        }
        if (schema.path("$ref").isString()) {
            String name = schema.get("$ref").asString();
            return seen.add(name) && isVague(root.at(name.substring(1)), seen);
        }
        return List.copyOf(schema.valueStream().toList()).stream().anyMatch(each -> isVague(each, seen));
    }
}
