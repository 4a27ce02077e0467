package io.heliodor.schema;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The form of a JSON value, as a part of JSON Schema: what draft-07 and 2020-12 have in common. Immutable.
 *
 * <p>An object may have further properties, which a reader ignores, unless its schema describes or excludes them.
 */
public sealed interface Schema {
    /**
     * Any value.
     *
     * @param note why nothing is known about it; may be empty
     */
    record Any(String note) implements Schema {
        /** Checks that nothing is null. */
        public Any {
            Objects.requireNonNull(note, "note");
        }
    }

    /** Any value but {@code null}. */
    record Present() implements Schema {}

    /**
     * A string.
     *
     * @param format a format of JSON Schema, such as {@code date-time}; empty for any string
     * @param encoding the encoding of bytes in it, such as {@code base64}; empty for a text
     * @param pattern a regular expression of ECMAScript for the whole string; empty for any string of the format
     */
    record Text(Optional<String> format, Optional<String> encoding, Optional<String> pattern) implements Schema {
        /** Checks that nothing is null. */
        public Text {
            Objects.requireNonNull(format, "format");
            Objects.requireNonNull(encoding, "encoding");
            Objects.requireNonNull(pattern, "pattern");
        }

        /** Any string. */
        public static final Text PLAIN = new Text(Optional.empty(), Optional.empty(), Optional.empty());

        /**
         * A string that a regular expression describes.
         *
         * @param pattern the expression, with {@code ^} and {@code $} around it
         * @return the schema
         */
        public static Text like(String pattern) {
            return new Text(
                    Optional.empty(), Optional.empty(), Optional.of(Objects.requireNonNull(pattern, "pattern")));
        }

        /**
         * A string in a format.
         *
         * @param format a format of JSON Schema
         * @return the schema
         */
        public static Text of(String format) {
            return new Text(Optional.of(Objects.requireNonNull(format, "format")), Optional.empty(), Optional.empty());
        }
    }

    /**
     * One of some strings.
     *
     * @param values the strings, at least one
     * @param open whether other strings are valid, too
     */
    record Choice(List<String> values, boolean open) implements Schema {
        /** Takes a copy. */
        public Choice {
            Objects.requireNonNull(values, "values");
            values = List.copyOf(values);
        }
    }

    /**
     * One of some integers.
     *
     * @param values the integers, at least one
     */
    record WholeChoice(List<Long> values) implements Schema {
        /** Takes a copy. */
        public WholeChoice {
            Objects.requireNonNull(values, "values");
            values = List.copyOf(values);
        }
    }

    /**
     * An integer.
     *
     * @param format {@code int8}, {@code int16}, {@code int32}, {@code int64}, or {@code epoch-milliseconds} for those since 1970 in the
     *     years 0 to 9999; empty for any
     */
    record Whole(Optional<String> format) implements Schema {
        /** Checks that nothing is null. */
        public Whole {
            Objects.requireNonNull(format, "format");
        }
    }

    /**
     * A number.
     *
     * @param format {@code float} or {@code double}, with their range, or {@code epoch-seconds} for those since 1970 in the years 0 to
     *     9999; empty for any
     */
    record Decimal(Optional<String> format) implements Schema {
        /** Checks that nothing is null. */
        public Decimal {
            Objects.requireNonNull(format, "format");
        }
    }

    /** {@code true} or {@code false}. */
    record Truth() implements Schema {}

    /**
     * An array.
     *
     * @param element the schema of its elements
     */
    record Items(Schema element) implements Schema {
        /** Checks that nothing is null. */
        public Items {
            Objects.requireNonNull(element, "element");
        }
    }

    /**
     * An object whose property names are data.
     *
     * @param name the schema of the names: texts, or some of them
     * @param value the schema of the values
     */
    record Entries(Schema name, Schema value) implements Schema {
        /** Checks that nothing is null. */
        public Entries {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(value, "value");
        }

        /**
         * An object with any names.
         *
         * @param value the schema of the values
         */
        public Entries(Schema value) {
            this(Text.PLAIN, value);
        }
    }

    /**
     * An object with known properties.
     *
     * @param fields its properties, in their order
     * @param further the schema of properties with other names; empty if there are none
     */
    record Fields(List<Field> fields, Optional<Schema> further) implements Schema {
        /** Takes a copy. */
        public Fields {
            Objects.requireNonNull(fields, "fields");
            Objects.requireNonNull(further, "further");
            fields = List.copyOf(fields);
        }

        /**
         * An object that may have any further properties.
         *
         * @param fields its properties, in their order
         */
        public Fields(List<Field> fields) {
            this(fields, Optional.of(new Any("")));
        }

        /**
         * Whether properties with other names may have any value.
         *
         * @return false if they have a schema, or if there are none
         */
        public boolean isOpen() {
            return further.equals(Optional.of(new Any("")));
        }
    }

    /**
     * A property of an object.
     *
     * @param name its name
     * @param schema the schema of its value
     * @param required whether it is always there, by its name or by one of the others
     * @param aliases other names by which it is read
     */
    record Field(String name, Schema schema, boolean required, List<String> aliases) {
        /** Takes a copy. */
        public Field {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(schema, "schema");
            aliases = List.copyOf(Objects.requireNonNull(aliases, "aliases"));
        }

        /**
         * A property with one name.
         *
         * @param name its name
         * @param schema the schema of its value
         * @param required whether it is always there
         */
        public Field(String name, Schema schema, boolean required) {
            this(name, schema, required, List.of());
        }
    }

    /**
     * A value of one of some schemas.
     *
     * @param cases the schemas, at least one
     */
    record OneOf(List<Schema> cases) implements Schema {
        /** Takes a copy. */
        public OneOf {
            Objects.requireNonNull(cases, "cases");
            cases = List.copyOf(cases);
        }
    }

    /**
     * An object with a property that names its form.
     *
     * @param property the name of the property
     * @param value the value of the property
     * @param schema the schema of the object without it
     */
    record Tagged(String property, String value, Schema schema) implements Schema {
        /** Checks that nothing is null. */
        public Tagged {
            Objects.requireNonNull(property, "property");
            Objects.requireNonNull(value, "value");
            Objects.requireNonNull(schema, "schema");
        }
    }

    /**
     * An object with a property that does not have some values, or without that property.
     *
     * @param property the name of the property
     * @param values the values that name other forms
     * @param schema the schema of the object
     */
    record Untagged(String property, List<String> values, Schema schema) implements Schema {
        /** Takes a copy. */
        public Untagged {
            Objects.requireNonNull(property, "property");
            values = List.copyOf(Objects.requireNonNull(values, "values"));
            Objects.requireNonNull(schema, "schema");
        }
    }

    /**
     * An object with one property, named after the form of its value.
     *
     * @param property the name of the property
     * @param schema the schema of its value
     */
    record Wrapped(String property, Schema schema) implements Schema {
        /** Checks that nothing is null. */
        public Wrapped {
            Objects.requireNonNull(property, "property");
            Objects.requireNonNull(schema, "schema");
        }
    }

    /**
     * A schema that has a name.
     *
     * @param name the name
     */
    record Ref(String name) implements Schema {
        /** Checks that nothing is null. */
        public Ref {
            Objects.requireNonNull(name, "name");
        }
    }

    /**
     * A value, or {@code null}.
     *
     * @param schema the schema of the value
     */
    record Nullable(Schema schema) implements Schema {
        /** Checks that nothing is null. */
        public Nullable {
            Objects.requireNonNull(schema, "schema");
        }
    }

    /**
     * This schema with other names.
     *
     * @param names returns the new name of each
     * @return a copy
     */
    default Schema renamed(UnaryOperator<String> names) {
        Objects.requireNonNull(names, "names");
        return switch (this) {
            case Ref(var name) -> new Ref(names.apply(name));
            case Items(var element) -> new Items(element.renamed(names));
            case Entries(var name, var value) -> new Entries(name.renamed(names), value.renamed(names));
            case Fields(var fields, var further) ->
                new Fields(
                        fields.stream()
                                .map(field -> new Field(
                                        field.name(), field.schema().renamed(names), field.required(), field.aliases()))
                                .toList(),
                        further.map(each -> each.renamed(names)));
            case OneOf(var cases) ->
                new OneOf(cases.stream().map(each -> each.renamed(names)).toList());
            case Tagged(var property, var value, var schema) -> new Tagged(property, value, schema.renamed(names));
            case Untagged(var property, var values, var schema) ->
                new Untagged(property, values, schema.renamed(names));
            case Wrapped(var property, var schema) -> new Wrapped(property, schema.renamed(names));
            case Nullable(var schema) -> new Nullable(schema.renamed(names));
            case Any _, Present _, Text _, Choice _, WholeChoice _, Whole _, Decimal _, Truth _ -> this;
        };
    }

    /**
     * This schema, with {@code null} as a further value.
     *
     * @return a nullable schema
     */
    default Schema orNull() {
        return switch (this) {
            case Nullable _, Any _ -> this;
            case Present _ -> new Any("");
            default -> new Nullable(this);
        };
    }

    /**
     * This schema without {@code null}.
     *
     * @return the schema of the other values
     */
    default Schema notNull() {
        return this instanceof Nullable(var schema) ? schema : this;
    }
}
