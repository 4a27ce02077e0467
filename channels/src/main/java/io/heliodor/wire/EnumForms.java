package io.heliodor.wire;

import io.heliodor.schema.Schema;
import java.time.Month;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.introspect.AnnotatedClass;

/**
 * A deserializer of enums of which the same mapper writes numbers, and of months. It reads what is written, and nothing else. Other enums
 * that are written as texts have the deserializer of Jackson.
 */
public final class EnumForms extends DelegatingDeserializer implements ExactForm {
    private final transient JavaType type;
    private final transient WrittenForms written;

    /** The constants by their numbers or names; empty until the property is known. */
    private final transient Map<Object, Object> constants;

    private EnumForms(ValueDeserializer<?> texts, JavaType type, WrittenForms written, Map<Object, Object> constants) {
        super(texts);
        this.type = type;
        this.written = written;
        this.constants = constants;
    }

    static ValueDeserializerModifier modifier(WrittenForms written) {
        return new ValueDeserializerModifier() {
            private static final long serialVersionUID = 1L;

            @Override
            public ValueDeserializer<?> modifyEnumDeserializer(
                    DeserializationConfig config,
                    JavaType type,
                    BeanDescription.Supplier bean,
                    ValueDeserializer<?> deserializer) {
                return WrittenForms.isJacksons(deserializer)
                        ? new EnumForms(deserializer, type, written, Map.of())
                        : deserializer;
            }
        };
    }

    /**
     * The constants of an enum by the other names by which they are read.
     *
     * @param config of the mapper
     * @param type the enum
     * @return the constants, in their order
     */
    public static Map<String, Object> aliases(DeserializationConfig config, JavaType type) {
        Enum<?>[] constants = (Enum<?>[]) type.getRawClass().getEnumConstants();
        String[][] names = new String[constants.length][];
        AnnotatedClass annotated = config.classIntrospectorInstance().introspectClassAnnotations(type);
        config.getAnnotationIntrospector().findEnumAliases(config, annotated, constants, names);
        Map<String, Object> aliases = new LinkedHashMap<>();
        for (int i = 0; i < constants.length; i++) {
            if (names[i] != null) {
                for (String name : names[i]) {
                    aliases.put(name, constants[i]);
                }
            }
        }
        return aliases;
    }

    /**
     * The schema of texts of an enum, which a mapper may read in upper and lower case.
     *
     * @param config of the mapper
     * @param texts the names and the other names by which constants are read
     * @param open whether any other text is read, too
     * @return the schema
     */
    public static Schema texts(DeserializationConfig config, List<String> texts, boolean open) {
        return config.isEnabled(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
                ? open ? Schema.Text.PLAIN : Schema.Text.like(inAnyCase(texts))
                : new Schema.Choice(texts, open);
    }

    /** An expression of some texts in upper and lower case. */
    private static String inAnyCase(List<String> texts) {
        return texts.stream()
                .map(text -> text.codePoints()
                        .mapToObj(c -> {
                            String one = Character.toString(c);
                            return Character.isLetter(c)
                                    ? "[" + one.toLowerCase(Locale.ROOT) + one.toUpperCase(Locale.ROOT) + "]"
                                    : "^$\\.*+?()[]{}|/".contains(one) ? "\\" + one : one;
                        })
                        .collect(Collectors.joining()))
                .collect(Collectors.joining("|", "^(?:", ")$"));
    }

    /** The constant for texts that are of no other one; null if there is none. */
    static @Nullable Object unknown(DeserializationConfig config, JavaType type) {
        Enum<?>[] constants = (Enum<?>[]) type.getRawClass().getEnumConstants();
        return config.getAnnotationIntrospector()
                .findDefaultEnumValue(
                        config, config.classIntrospectorInstance().introspectClassAnnotations(type), constants);
    }

    @Override
    protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> other) {
        return new EnumForms(other, type, written, constants);
    }

    @Override
    public ValueDeserializer<?> createContextual(DeserializationContext context, @Nullable BeanProperty property) {
        List<JsonNode> forms = written.constants(type, property);
        // A constant with a @JsonProperty has its name also where the others are numbers.
        boolean isKnown = forms.stream().allMatch(form -> form.isIntegralNumber() || form.isString());
        boolean isExact = type.hasRawClass(Month.class) || forms.stream().anyMatch(JsonNode::isIntegralNumber);
        if (forms.isEmpty() || !(isKnown && isExact)) {
            return context.handleSecondaryContextualization(getDelegatee(), property, type);
        }
        Map<Object, Object> byForm = new LinkedHashMap<>();
        for (int i = 0; i < forms.size(); i++) {
            JsonNode form = forms.get(i);
            byForm.put(
                    form.isIntegralNumber() ? (Object) form.asLong() : form.asString(),
                    type.getRawClass().getEnumConstants()[i]);
        }
        aliases(context.getConfig(), type).forEach(byForm::putIfAbsent);
        return new EnumForms(getDelegatee(), type, written, byForm);
    }

    @Override
    public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) {
        if (constants.isEmpty()) {
            return super.deserialize(parser, context);
        }
        Object form = switch (parser.currentToken()) {
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> integral(parser);
            default -> null;
        };
        Object constant = form == null ? null : constants.get(form);
        return constant == null ? context.handleUnexpectedToken(handledType(), parser) : constant;
    }

    /** Some clients write all numbers as doubles. */
    private static @Nullable Long integral(JsonParser parser) {
        double value = parser.getDoubleValue();
        return value == Math.rint(value) && Math.abs(value) <= Integer.MAX_VALUE ? (long) value : null;
    }

    @Override
    public Schema schema() {
        return schema(constants.keySet());
    }

    /**
     * The schema of the values of an enum.
     *
     * @param forms numbers, texts or both
     * @return the schema
     */
    public static Schema schema(Collection<?> forms) {
        List<Long> numbers = forms.stream()
                .filter(Long.class::isInstance)
                .map(Long.class::cast)
                .toList();
        List<String> texts = forms.stream()
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .toList();
        Schema names = new Schema.Choice(texts, false);
        return numbers.isEmpty()
                ? names
                : texts.isEmpty()
                        ? new Schema.WholeChoice(numbers)
                        : new Schema.OneOf(List.of(new Schema.WholeChoice(numbers), names));
    }
}
