package io.heliodor.wire;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.BeanDescription;
import tools.jackson.databind.DeserializationConfig;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.BeanDeserializerBuilder;
import tools.jackson.databind.deser.CreatorProperty;
import tools.jackson.databind.deser.SettableBeanProperty;
import tools.jackson.databind.deser.ValueDeserializerModifier;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
import tools.jackson.databind.deser.std.DelegatingDeserializer;

/**
 * Makes Jackson check required properties of classes with setters or fields. Jackson itself checks those of constructors only, such as
 * records. Classes that are built by a builder are not checked.
 */
final class MissingProperties extends ValueDeserializerModifier {
    private static final long serialVersionUID = 1L;

    /** The key of an attribute of one deserialization: the properties of the innermost object that were set. */
    private static final Object SEEN = new Object();

    @Override
    public BeanDeserializerBuilder updateBuilder(
            DeserializationConfig config, BeanDescription.Supplier bean, BeanDeserializerBuilder builder) {
        if (Throwable.class.isAssignableFrom(bean.getBeanClass())
                || builder.getBuildMethod() != null
                || builder.getObjectIdReader() != null) {
            return builder;
        }
        List<SettableBeanProperty> required = new ArrayList<>();
        for (Iterator<SettableBeanProperty> all = builder.getProperties(); all.hasNext(); ) {
            SettableBeanProperty property = all.next();
            if (property.isRequired()
                    && !(property instanceof CreatorProperty)
                    && !property.isInjectionOnly()
                    && config.getAnnotationIntrospector().findUnwrappingNameTransformer(config, property.getMember())
                            == null) {
                required.add(property);
            }
        }
        for (int i = 0; i < required.size(); i++) {
            builder.addOrReplaceProperty(new Tracked(required.get(i), i), true);
        }
        return builder;
    }

    @Override
    public ValueDeserializer<?> modifyDeserializer(
            DeserializationConfig config, BeanDescription.Supplier bean, ValueDeserializer<?> deserializer) {
        if (!(deserializer instanceof BeanDeserializerBase properties)
                || properties.getValueInstantiator().canCreateUsingDelegate()) {
            return deserializer;
        }
        List<String> required = required(properties);
        return required.isEmpty() ? deserializer : new Checked(deserializer, required);
    }

    /** The names of required properties by index; an empty one for a property that is ignored in this context. */
    private static List<String> required(BeanDeserializerBase properties) {
        List<String> required = new ArrayList<>();
        properties.properties().forEachRemaining(property -> {
            if (property instanceof Tracked tracked) {
                while (required.size() <= tracked.index) {
                    required.add("");
                }
                required.set(tracked.index, property.getName());
            }
        });
        return List.copyOf(required);
    }

    /** A required property that records that it was set. */
    private static final class Tracked extends SettableBeanProperty.Delegating {
        private static final long serialVersionUID = 1L;

        private final int index;

        Tracked(SettableBeanProperty delegate, int index) {
            super(delegate);
            this.index = index;
        }

        @Override
        protected SettableBeanProperty withDelegate(SettableBeanProperty other) {
            return new Tracked(other, index);
        }

        @Override
        public void deserializeAndSet(JsonParser parser, DeserializationContext context, Object bean) {
            super.deserializeAndSet(parser, context, bean);
            record(context);
        }

        @Override
        public Object deserializeSetAndReturn(JsonParser parser, DeserializationContext context, Object bean) {
            Object result = super.deserializeSetAndReturn(parser, context, bean);
            record(context);
            return result;
        }

        @Override
        public void set(DeserializationContext context, Object bean, @Nullable Object value) {
            super.set(context, bean, value);
            record(context);
        }

        @Override
        public Object setAndReturn(DeserializationContext context, Object bean, @Nullable Object value) {
            Object result = super.setAndReturn(context, bean, value);
            record(context);
            return result;
        }

        private void record(DeserializationContext context) {
            if (context.getAttribute(SEEN) instanceof boolean[] seen && index < seen.length) {
                seen[index] = true;
            }
        }
    }

    /** A deserializer that checks that all required properties of an object were set. */
    private static final class Checked extends DelegatingDeserializer {
        private static final long serialVersionUID = 1L;

        private final transient List<String> required;

        Checked(ValueDeserializer<?> delegatee, List<String> required) {
            super(delegatee);
            this.required = required;
        }

        @Override
        protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> other) {
            return new Checked(
                    other, other instanceof BeanDeserializerBase properties ? required(properties) : required);
        }

        @Override
        public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) {
            if (!parser.hasToken(JsonToken.START_OBJECT)
                    && !parser.hasToken(JsonToken.PROPERTY_NAME)
                    && !parser.hasToken(JsonToken.END_OBJECT)) {
                return super.deserialize(parser, context);
            }
            Object outer = context.getAttribute(SEEN);
            boolean[] seen = new boolean[required.size()];
            context.setAttribute(SEEN, seen);
            Object value;
            try {
                value = super.deserialize(parser, context);
            } finally {
                context.setAttribute(SEEN, outer);
            }
            for (int i = 0; i < seen.length; i++) {
                if (!seen[i] && !required.get(i).isEmpty()) {
                    context.reportPropertyInputMismatch(
                            handledType(), required.get(i), "Missing required property '%s'", required.get(i));
                }
            }
            return value;
        }
    }
}
