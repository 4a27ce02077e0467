package io.heliodor.schema;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The form of a JSON value, as a part of JSON Schema: what draft-07 and 2020-12 have in common. Immutable.
 *
 * <p>An object may have further properties than those of its schema; a reader ignores them.
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

    /**
     * A string.
     *
     * @param format a format of JSON Schema, such as {@code date-time}; empty for any string
     * @param encoding the encoding of bytes in it, such as {@code base64}; empty for a text
     */
    record Text(Optional<String> format, Optional<String> encoding) implements Schema {
        /** Checks that nothing is null. */
        public Text {
            Objects.requireNonNull(format, "format");
            Objects.requireNonNull(encoding, "encoding");
        }

        /** Any string. */
        public static final Text PLAIN = new Text(Optional.empty(), Optional.empty());

        /**
         * A string in a format.
         *
         * @param format a format of JSON Schema
         * @return the schema
         */
        public static Text of(String format) {
            return new Text(Optional.of(Objects.requireNonNull(format, "format")), Optional.empty());
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
     * An integer.
     *
     * @param format {@code int32} or {@code int64}; empty for any
     */
    record Whole(Optional<String> format) implements Schema {
        /** Checks that nothing is null. */
        public Whole {
            Objects.requireNonNull(format, "format");
        }
    }

    /** A number. */
    record Decimal() implements Schema {}

    /** {@code true} or {@code false}. */
    record Truth() implements Schema {}

    /**
     * An array.
     *
     * @param element the schema of its elements
     * @param unique whether its elements differ
     */
    record Items(Schema element, boolean unique) implements Schema {
        /** Checks that nothing is null. */
        public Items {
            Objects.requireNonNull(element, "element");
        }
    }

    /**
     * An object whose property names are data.
     *
     * @param value the schema of the values
     */
    record Entries(Schema value) implements Schema {
        /** Checks that nothing is null. */
        public Entries {
            Objects.requireNonNull(value, "value");
        }
    }

    /**
     * An object with known properties.
     *
     * @param fields its properties, in their order
     */
    record Fields(List<Field> fields) implements Schema {
        /** Takes a copy. */
        public Fields {
            Objects.requireNonNull(fields, "fields");
            fields = List.copyOf(fields);
        }
    }

    /**
     * A property of an object.
     *
     * @param name its name
     * @param schema the schema of its value
     * @param required whether it is always there
     */
    record Field(String name, Schema schema, boolean required) {
        /** Checks that nothing is null. */
        public Field {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(schema, "schema");
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
            case Items(var element, var unique) -> new Items(element.renamed(names), unique);
            case Entries(var value) -> new Entries(value.renamed(names));
            case Fields(var fields) ->
                new Fields(fields.stream()
                        .map(field -> new Field(field.name(), field.schema().renamed(names), field.required()))
                        .toList());
            case OneOf(var cases) ->
                new OneOf(cases.stream().map(each -> each.renamed(names)).toList());
            case Tagged(var property, var value, var schema) -> new Tagged(property, value, schema.renamed(names));
            case Nullable(var schema) -> new Nullable(schema.renamed(names));
            case Any _, Text _, Choice _, Whole _, Decimal _, Truth _ -> this;
        };
    }

    /**
     * This schema, with {@code null} as a further value.
     *
     * @return a nullable schema
     */
    default Schema orNull() {
        return this instanceof Nullable || this instanceof Any ? this : new Nullable(this);
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
