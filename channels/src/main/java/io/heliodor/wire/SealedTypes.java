package io.heliodor.wire;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedClass;
import tools.jackson.databind.introspect.NopAnnotationIntrospector;
import tools.jackson.databind.json.JsonMapper;

/**
 * The introspector that names the subtype of a sealed type in the field {@code type}, by the simple name of its class. It applies to types
 * that the application's mapper could not read otherwise: without annotations, deserializers and mixins of their own.
 */
final class SealedTypes extends NopAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    /** The field that names the subtype. */
    static final String FIELD = "type";

    private static final JsonTypeInfo.Value NAMED = JsonTypeInfo.Value.from(
            Objects.requireNonNull(Named.class.getAnnotation(JsonTypeInfo.class), "annotation"));

    /** The annotation of all sealed types: of the methods that make its value, Jackson 3.0 lacks some, and 3.2 deprecates others. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = FIELD)
    private interface Named {}

    /** The application's mapper without this introspector. */
    private final transient JsonMapper plain;

    /** By type, since an introspector is called often. Clients cannot make it grow. */
    private final transient Map<Class<?>, Boolean> named = new ConcurrentHashMap<>();

    SealedTypes(JsonMapper plain) {
        this.plain = plain;
    }

    @Override
    public JsonTypeInfo.@Nullable Value findPolymorphicTypeInfo(MapperConfig<?> config, Annotated annotated) {
        return annotated instanceof AnnotatedClass type && isNamed(type.getRawType()) ? NAMED : null;
    }

    private boolean isNamed(Class<?> type) {
        if (!isFamily(type)) {
            return false;
        }
        Boolean known = named.get(type);
        if (known == null) {
            PayloadTypes types = new PayloadTypes(plain);
            Map<String, Class<?>> members = new TreeMap<>();
            known = problem(type, members).isEmpty()
                    && types.isUnknown(type)
                    && members.values().stream().allMatch(types::isWrittenAsObject);
            named.put(type, known);
        }
        return known;
    }

    /** Whether a type is sealed, and without values of its own. Some numbers and strings of the JDK are of a sealed type, too. */
    static boolean isFamily(Class<?> type) {
        return type.isSealed() && Modifier.isAbstract(type.getModifiers()) && !type.isEnum() && !isOfJdk(type);
    }

    private static boolean isOfJdk(Class<?> type) {
        return type.getName().startsWith("java.");
    }

    /** The reason for which the subtypes of a sealed type cannot be named; empty if they can. */
    static Optional<String> problem(Class<?> type) {
        return problem(type, new TreeMap<>());
    }

    private static Optional<String> problem(Class<?> type, Map<String, Class<?>> names) {
        if (!type.isSealed() && !Modifier.isFinal(type.getModifiers())) {
            return Optional.of("its subtype " + type.getName() + " is open for subclasses; make it a record or sealed");
        }
        if (type.isEnum()) {
            return Optional.of("its subtype " + type.getName()
                    + " is an enum, which is not written as an object; make it a record");
        }
        if (hasField(type)) {
            return Optional.of("its subtype " + type.getName() + " has a property '" + FIELD + "'; rename that");
        }
        if (!Modifier.isAbstract(type.getModifiers())) {
            Class<?> other = names.put(type.getSimpleName(), type);
            if (other != null && other != type) {
                return Optional.of("its subtypes " + other.getName() + " and " + type.getName()
                        + " have the same simple name; rename one");
            }
        }
        if (type.isSealed()) {
            for (Class<?> permitted : type.getPermittedSubclasses()) {
                Optional<String> problem = problem(permitted, names);
                if (problem.isPresent()) {
                    return problem;
                }
            }
        }
        return Optional.empty();
    }

    private static boolean hasField(Class<?> type) {
        return Arrays.stream(type.getDeclaredFields())
                .anyMatch(field -> !Modifier.isStatic(field.getModifiers())
                        && field.getName().equals(FIELD));
    }
}
