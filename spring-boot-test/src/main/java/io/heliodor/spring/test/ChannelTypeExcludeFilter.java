package io.heliodor.spring.test;

import io.heliodor.channel.Channel;
import io.heliodor.channel.UserSocket;
import io.heliodor.presence.Presence;
import io.heliodor.spring.ChannelMapping;
import io.heliodor.spring.JwtAssigns;
import io.heliodor.spring.LimitsCustomizer;
import io.heliodor.spring.SocketCustomizer;
import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.boot.test.context.filter.annotation.StandardAnnotationCustomizableTypeExcludeFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.core.type.classreading.MetadataReader;
import org.springframework.core.type.classreading.MetadataReaderFactory;
import org.springframework.util.ClassUtils;

/** The classes that a {@link ChannelTest} takes of the application. They are read from their files and not loaded. */
final class ChannelTypeExcludeFilter extends StandardAnnotationCustomizableTypeExcludeFilter<ChannelTest> {
    private static final String JSON_CUSTOMIZER =
            "org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer";

    /** The types of beans that make a configuration one of channels. */
    private static final Set<String> CHANNELS = Set.of(Channel.class.getName(), UserSocket.class.getName());

    /** The types of beans that channels need, whichever are tested. */
    private static final Set<String> OTHERS = Set.of(
            JwtAssigns.class.getName(),
            LimitsCustomizer.class.getName(),
            SocketCustomizer.class.getName(),
            Presence.class.getName(),
            JSON_CUSTOMIZER);

    private static final Set<Class<?>> COMPONENTS = Stream.of(
                    JwtAssigns.class.getName(),
                    LimitsCustomizer.class.getName(),
                    SocketCustomizer.class.getName(),
                    "tools.jackson.databind.JacksonModule",
                    "org.springframework.boot.jackson.JacksonComponent",
                    JSON_CUSTOMIZER)
            .filter(name -> ClassUtils.isPresent(name, null))
            .<Class<?>>map(name -> ClassUtils.resolveClassName(name, null))
            .collect(Collectors.toUnmodifiableSet());

    private final Set<Class<?>> named;

    ChannelTypeExcludeFilter(Class<?> test) {
        super(test);
        this.named = getAnnotation()
                .getValue("value", Class[].class)
                .map(classes -> Set.copyOf(Arrays.<Class<?>>asList(classes)))
                .orElse(Set.of());
    }

    @Override
    protected boolean isUseDefaultFilters() {
        return true;
    }

    @Override
    protected Set<Class<?>> getKnownIncludes() {
        return COMPONENTS;
    }

    @Override
    protected Set<Class<?>> getComponentIncludes() {
        return named;
    }

    @Override
    protected boolean defaultInclude(MetadataReader reader, MetadataReaderFactory factory) throws IOException {
        AnnotationMetadata type = reader.getAnnotationMetadata();
        boolean channels = type.hasAnnotatedMethods(ChannelMapping.class.getName()) || declares(type, CHANNELS);
        return (channels ? named.isEmpty() : declares(type, OTHERS)) || super.defaultInclude(reader, factory);
    }

    private static boolean declares(AnnotationMetadata type, Set<String> beans) {
        return type.getAnnotatedMethods(Bean.class.getName()).stream()
                .anyMatch(method -> beans.contains(method.getReturnTypeName()));
    }
}
