package io.heliodor.wire;

import io.heliodor.event.InvalidPayload;
import io.heliodor.wire.PayloadOutcome.Invalid;
import java.lang.invoke.MethodType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collection;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.databind.exc.InvalidDefinitionException;
import tools.jackson.databind.exc.InvalidNullException;
import tools.jackson.databind.exc.InvalidTypeIdException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/** Maps exceptions of Jackson to messages for clients: the invalid field, and the reason. Texts of exceptions are not passed on. */
final class DecodeErrors {
    private static final Set<Class<?>> INTEGERS = Set.of(
            Integer.class,
            Long.class,
            Short.class,
            Byte.class,
            BigInteger.class,
            OptionalInt.class,
            OptionalLong.class,
            AtomicInteger.class,
            AtomicLong.class);
    private static final Set<Class<?>> NUMBERS =
            Set.of(Double.class, Float.class, BigDecimal.class, Number.class, OptionalDouble.class);

    static final String UNKNOWN_TYPE = "is of no known type";

    private DecodeErrors() {}

    /**
     * The error for an exception.
     *
     * @param cause the exception
     * @param token the token at which it was thrown
     */
    static <T> Invalid<T> of(RuntimeException cause, @Nullable JsonToken token) {
        String path = path(cause);
        for (Throwable inner = cause; inner != null; inner = inner.getCause()) {
            if (inner instanceof InvalidPayload refusal) {
                return new Invalid<>(join(path, refusal.field()), refusal.problem());
            }
        }
        return new Invalid<>(join(path, absent(cause, path, token)), phrase(cause, token));
    }

    private static String phrase(RuntimeException cause, @Nullable JsonToken token) {
        return switch (cause) {
            case InvalidNullException _ -> token == JsonToken.END_OBJECT ? "is missing" : "must not be null";
            case InputCoercionException _ -> "is out of range";
            case InvalidTypeIdException _ -> UNKNOWN_TYPE;
            // The JSON names an abstract subtype.
            case InvalidDefinitionException wrong
            when wrong.getType() != null && wrong.getType().isAbstract() -> UNKNOWN_TYPE;
            case UnrecognizedPropertyException _ -> "is not known";
            case MismatchedInputException _ when token == JsonToken.VALUE_NULL -> "must not be null";
            // Jackson reports a missing property at the end of the object, and a value of a wrong type before that.
            case MismatchedInputException _ when token == JsonToken.END_OBJECT -> "is missing";
            case MismatchedInputException mismatch
            when mismatch.getTargetType() != null -> expectation(mismatch.getTargetType(), token);
            default -> "is not valid";
        };
    }

    private static String expectation(Class<?> type, @Nullable JsonToken token) {
        Class<?> target = MethodType.methodType(type).wrap().returnType();
        if (INTEGERS.contains(target)) {
            return "must be an integer";
        }
        if (NUMBERS.contains(target)) {
            return token != null && token.isNumeric() ? "is out of range" : "must be a number";
        }
        if (target == Boolean.class) {
            return "must be true or false";
        }
        if (CharSequence.class.isAssignableFrom(target)) {
            return "must be a string";
        }
        if (target == Character.class) {
            return "must be a single character";
        }
        if (target.isEnum()) {
            return "is not one of the allowed values";
        }
        if (token != null && token.isNumeric() && TimeText.isTime(target)) {
            return "must be a string in ISO 8601, not a number";
        }
        if (target == byte[].class) {
            return "must be a string in Base64";
        }
        if (target.isArray() || Collection.class.isAssignableFrom(target)) {
            return token == JsonToken.START_ARRAY ? "is not valid" : "must be an array";
        }
        boolean object = Map.class.isAssignableFrom(target) || !target.getName().startsWith("java.");
        return object && token != JsonToken.START_OBJECT ? "must be an object" : "is not valid";
    }

    private static String path(RuntimeException cause) {
        String path = "";
        if (cause instanceof JacksonException jackson) {
            for (JacksonException.Reference step : jackson.getPath()) {
                String name = step.getPropertyName();
                path = name == null ? path + "[" + step.getIndex() + "]" : join(path, name);
            }
        }
        return path;
    }

    /** The property that is absent, if the path ends at its object: the instantiator of Kotlin leaves it out. */
    private static String absent(RuntimeException cause, String path, @Nullable JsonToken token) {
        if (token != JsonToken.END_OBJECT || !(cause instanceof InvalidNullException none)) {
            return "";
        }
        String name = none.getPropertyName().getSimpleName();
        return path.equals(name) || path.endsWith("." + name) ? "" : name;
    }

    private static String join(String path, String field) {
        return path.isEmpty() || field.isEmpty() ? path + field : path + "." + field;
    }
}
