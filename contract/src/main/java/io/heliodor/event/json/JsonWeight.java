package io.heliodor.event.json;

import io.heliodor.event.Empty;
import io.heliodor.event.Raw;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;

/**
 * An upper bound of the heap that values of one type hold after they were decoded from JSON: the maps, lists, strings and numbers
 * that Jackson makes, or the application's records. An empty object of two characters is a map of 64 bytes.
 *
 * <p>The bound is for a JVM with compressed references and ordinary object headers. Any thread may use it. See {@code
 * docs/design/memory.md}.
 */
public final class JsonWeight {
    /** A map without entries. */
    private static final int MAP = 64;

    /** The table of a map with entries. */
    private static final int TABLE = 80;

    /** An entry of a map, a node of a tree if keys have equal hashes, and its share of the table. */
    private static final int ENTRY = 72;

    /** A list without elements, and an array of two that Jackson makes for it. */
    private static final int LIST = 48;

    /** A list with elements, and its array of up to ten. */
    private static final int FILLED_LIST = 80;

    /** The share of an element in the array of its list, which grows by a half. */
    private static final int ELEMENT = 8;

    /** A string without its characters, and the padding of their array. */
    private static final int STRING = 48;

    /** A number: up to a decimal one of so many characters. */
    private static final int NUMBER = 40;

    private static final int LONG_NUMBER_CHARS = 18;

    /** A decimal number, its unscaled value and the array of that, without a byte for two digits. */
    private static final int LONG_NUMBER = 136;

    /** A small {@link BigInteger} and its array. */
    private static final int BIG_INTEGER = 64;

    /** An object without fields, and padding. */
    private static final int HEADER = 16;

    /** The largest field. */
    private static final int FIELD = 8;

    /** A node of a tree such as a {@code JsonNode}, without its map, list or value. */
    private static final int NODE = 24;

    /** For one byte of a format that is not JSON: a byte may be an empty map. */
    private static final int WORST = 64;

    /** An {@code Optional} around the value of a field. */
    private static final int WRAPPER = 16;

    private static final JsonWeight NONE = new JsonWeight(Shape.NONE, new Visit());
    private static final JsonWeight FIXED = new JsonWeight(Shape.FIXED, new Visit());

    private static final ClassValue<JsonWeight> OF_CLASSES = new ClassValue<>() {
        @Override
        protected JsonWeight computeValue(Class<?> type) {
            return of((Type) type);
        }
    };

    private enum Shape {
        /** Its values are parts of the JSON, or hold nothing. */
        NONE,
        /** A value has as many objects as its class has, and clients choose no more than its texts. */
        FIXED,
        /** Clients choose the number of its objects. */
        OPEN
    }

    private final Shape shape;
    private final int object;
    private final int table;
    private final int entry;

    /** Whether the keys of objects are held: they are not if all objects are of known classes. */
    private final boolean keys;

    private final int list;
    private final int emptyList;
    private final int element;
    private final int number;
    private final int node;

    private JsonWeight(Shape shape, Visit visit) {
        this.shape = shape;
        int fields = HEADER + FIELD * visit.fields;
        this.keys = visit.maps;
        this.object = visit.maps ? Math.max(MAP, fields) : fields;
        this.table = visit.maps ? TABLE : 0;
        this.entry = visit.maps ? ENTRY : WRAPPER;
        this.list = visit.sets ? HEADER + MAP + TABLE : FILLED_LIST;
        this.emptyList = visit.sets ? list : LIST;
        this.element = visit.sets ? ENTRY : ELEMENT;
        this.number = visit.bigIntegers ? BIG_INTEGER : NUMBER;
        this.node = visit.unknown ? NODE : 0;
    }

    /**
     * The bound for a type.
     *
     * @param type any type
     * @return a bound, to be kept: the classes of the type are examined by reflection
     */
    public static JsonWeight of(Type type) {
        if (type == Raw.class || type == ByteBuffer.class || type == Empty.class) {
            return NONE;
        }
        if (isFixed(type, new HashSet<>())) {
            return FIXED;
        }
        Visit visit = new Visit();
        visit.visit(type);
        return new JsonWeight(Shape.OPEN, visit);
    }

    /**
     * The bound for a class, which is kept as long as the class.
     *
     * @param type a class
     * @return the bound
     */
    public static JsonWeight ofClass(Class<?> type) {
        return OF_CLASSES.get(type);
    }

    /**
     * The heap that a value holds, in addition to its JSON, of which a raw value is a part.
     *
     * @param json an array that contains its JSON, validated by {@link JsonScanner}
     * @param from the index of its first byte
     * @param to the index after its last byte
     * @return bytes; at least the length of the JSON, for what is encoded from the value again
     */
    public long bytes(byte[] json, int from, int to) {
        return switch (shape) {
            case NONE -> to - from;
            // A string has two bytes for each character if one is not of Latin-1.
            case FIXED -> (JsonScanner.isPlain(json, from, to) ? 1L : 2L) * (to - from);
            case OPEN -> Math.max(to - from, weigh(json, from, to));
        };
    }

    /**
     * Whether a value may hold more than the length of its JSON.
     *
     * @return false for values that are parts of their JSON
     */
    public boolean exceedsJson() {
        return shape != Shape.NONE;
    }

    /**
     * The heap that a value holds in addition to the bytes of a format that may be JSON or another one.
     *
     * @param written the bytes
     * @return bytes; at least their length
     */
    public long bytesOfWritten(byte[] written) {
        return shape != Shape.OPEN || JsonScanner.text(written, 0, written.length) >= 0
                ? bytes(written, 0, written.length)
                : (long) WORST * written.length;
    }

    private long weigh(byte[] json, int from, int to) {
        long weight = 0;
        long string = 0; // of the last string
        int at = from;
        while (at < to) {
            byte next = json[at++];
            switch (next) {
                case '"' -> {
                    int begin = at;
                    int end = JsonScanner.plain(json, at, to);
                    boolean ascii = json[end] == '"';
                    if (!ascii) {
                        end = JsonString.end(json, end);
                    }
                    string = STRING + node + (ascii ? 1L : 2L) * (end - begin);
                    weight += string;
                    at = end + 1;
                }
                case '{' -> weight += node + object + (isClosed(json, at, '}') ? 0 : table);
                case '[' -> weight += node + (isClosed(json, at, ']') ? emptyList : list + element);
                case ':' -> weight += keys ? entry : entry - string;
                case ',' -> weight += element;
                case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> {
                    int begin = at - 1;
                    while (at < to && isOfNumber(json[at])) {
                        at++;
                    }
                    int length = at - begin;
                    weight += node + (length <= LONG_NUMBER_CHARS ? number : LONG_NUMBER + length / 2);
                }
                case 't', 'f', 'n' -> {
                    weight += node;
                    at += next == 'f' ? 4 : 3;
                }
                default -> {}
            }
        }
        return weight;
    }

    /** Whether an object or array ends at the next byte that is not white space. */
    private static boolean isClosed(byte[] json, int from, char close) {
        int at = from;
        while (json[at] == ' ' || json[at] == '\n' || json[at] == '\r' || json[at] == '\t') {
            at++;
        }
        return json[at] == close;
    }

    private static boolean isOfNumber(byte next) {
        return (next >= '0' && next <= '9') || next == '.' || next == 'e' || next == 'E' || next == '-' || next == '+';
    }

    private static boolean isFixed(Type type, Set<Type> open) {
        if (type instanceof ParameterizedType generic) {
            return generic.getRawType() == Optional.class && isFixed(generic.getActualTypeArguments()[0], open);
        }
        if (!(type instanceof Class<?> plain)) {
            return false;
        }
        if (plain.isRecord()) {
            boolean fixed = open.add(plain); // a record in itself has a depth that the client chooses
            for (RecordComponent component : plain.getRecordComponents()) {
                fixed = fixed && isFixed(component.getGenericType(), open);
            }
            open.remove(plain);
            return fixed;
        }
        return plain.isPrimitive()
                || plain.isEnum()
                || plain == String.class
                || plain == Boolean.class
                || plain == Character.class
                || plain == UUID.class
                || plain == OptionalInt.class
                || plain == OptionalLong.class
                || plain == OptionalDouble.class
                || plain == Empty.class
                || plain == Raw.class // a copy of its JSON
                || (Number.class.isAssignableFrom(plain)
                        && plain != Number.class
                        && plain.getName().startsWith("java."))
                || plain.getPackageName().equals("java.time");
    }

    /** The classes that a type consists of. */
    private static final class Visit {
        private final Set<Class<?>> seen = new HashSet<>();

        /** The fields of the largest class. */
        private int fields;

        private boolean sets;
        private boolean bigIntegers;

        /** Whether some of its JSON objects may be maps. */
        private boolean maps;

        /** Whether its values may have classes that are not known. */
        private boolean unknown;

        void visit(Type type) {
            if (type instanceof ParameterizedType generic) {
                visit((Class<?>) generic.getRawType());
                List.of(generic.getActualTypeArguments()).forEach(this::visit);
            } else if (type instanceof GenericArrayType array) {
                visit(array.getGenericComponentType());
            } else if (type instanceof WildcardType wildcard) {
                List.of(wildcard.getUpperBounds()).forEach(this::visit);
            } else if (type instanceof Class<?> plain) {
                maps |= plain.getTypeParameters().length > 0; // raw, so that its parameters are objects of any kind
                visit(plain);
            }
        }

        private void visit(Class<?> type) {
            if (!seen.add(type)) {
                return;
            }
            if (type.isArray()) {
                visit(type.getComponentType());
            }
            bigIntegers |= type == BigInteger.class;
            maps |= type == Object.class || Map.class.isAssignableFrom(type);
            sets |= Collection.class.isAssignableFrom(type) && !List.class.isAssignableFrom(type);
            if (type.isPrimitive()
                    || type.isArray()
                    || type == Raw.class
                    || type.getName().startsWith("java.")) {
                return;
            }
            Class<?>[] subtypes = type.isSealed() ? type.getPermittedSubclasses() : new Class<?>[0];
            boolean abstracts = subtypes.length == 0 && Modifier.isAbstract(type.getModifiers());
            unknown |= abstracts;
            maps |= abstracts;
            List.of(subtypes).forEach(this::visit);
            int count = 0;
            for (Class<?> each = type; each != null && each != Object.class; each = each.getSuperclass()) {
                for (Field field : each.getDeclaredFields()) {
                    if (!Modifier.isStatic(field.getModifiers())) {
                        count++;
                        visit(field.getGenericType());
                    }
                }
            }
            fields = Math.max(fields, count);
        }
    }
}
