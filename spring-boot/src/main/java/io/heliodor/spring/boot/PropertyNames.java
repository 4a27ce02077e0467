package io.heliodor.spring.boot;

import io.heliodor.type.text.Nearest;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/** Refuses names of properties below {@code heliodor} that nothing reads: they are spelling mistakes, or of other versions. */
final class PropertyNames {
    private static final ConfigurationPropertyName PREFIX = ConfigurationPropertyName.of("heliodor");

    private PropertyNames() {}

    /**
     * Checks the names of an environment. Variables of the process are not checked unless they resemble a property: Kubernetes sets some
     * for each service, such as {@code HELIODOR_SERVICE_HOST}. The properties of the JVM are treated the same, as some are of Heliodor
     * itself.
     *
     * @throws HeliodorConfigurationException for an unknown name, with the nearest one
     */
    static void check(ConfigurableEnvironment environment) {
        List<String> known = new ArrayList<>();
        add(known, "heliodor", HeliodorProperties.class);
        for (ConfigurationPropertySource source : ConfigurationPropertySources.from(environment.getPropertySources())) {
            if (source instanceof IterableConfigurationPropertySource names) {
                boolean variables = isNamed(source, StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
                boolean ofJvm = isNamed(source, StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME);
                names.stream()
                        .filter(PREFIX::isAncestorOf)
                        .filter(name -> known.stream().noneMatch(each -> isOne(each, withoutIndex(name), variables)))
                        .forEach(name -> {
                            if (variables) {
                                refuseVariable(name, source.getConfigurationProperty(name), known);
                            } else {
                                refuse(withoutIndex(name).toString(), known, ofJvm);
                            }
                        });
            }
        }
    }

    private static boolean isNamed(ConfigurationPropertySource source, String name) {
        return source.getUnderlyingSource() instanceof PropertySource<?> of
                && of.getName().equals(name);
    }

    /** Boot reads a variable with an underscore for each dash, or without dashes. */
    private static boolean isOne(String known, ConfigurationPropertyName name, boolean variable) {
        return ConfigurationPropertyName.of(known).equals(name)
                || (variable && ConfigurationPropertyName.of(dotted(known)).equals(name));
    }

    private static String dotted(String name) {
        return name.replace('-', '.');
    }

    private static void add(List<String> known, String prefix, Class<?> properties) {
        for (RecordComponent component : properties.getRecordComponents()) {
            String name = prefix + "."
                    + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            if (component.getType().isRecord()) {
                add(known, name, component.getType());
            } else {
                known.add(name);
            }
        }
    }

    private static ConfigurationPropertyName withoutIndex(ConfigurationPropertyName name) {
        return name.isLastElementIndexed() ? name.getParent() : name;
    }

    private static void refuse(String name, List<String> known, boolean onlyNear) {
        Optional<String> nearest = nearest(name, known);
        if (onlyNear && nearest.isEmpty()) {
            return;
        }
        throw new HeliodorConfigurationException(
                "The property " + name + " does not exist, so it would have no effect.",
                nearest.map(meant -> "Did you mean " + meant + "? Otherwise remove it.")
                        .orElse("Remove it. The properties are " + String.join(", ", known) + "."));
    }

    private static void refuseVariable(
            ConfigurationPropertyName name, @Nullable ConfigurationProperty property, List<String> known) {
        if (property != null && ServiceLinks.isOne(property.getValue())) {
            return;
        }
        nearest(
                        withoutIndex(name).toString(),
                        known.stream().map(PropertyNames::dotted).toList())
                .ifPresent(meant -> {
                    String written = property != null && property.getOrigin() instanceof PropertySourceOrigin origin
                            ? origin.getPropertyName()
                            : variable(name.toString());
                    throw new HeliodorConfigurationException(
                            "The environment variable " + written
                                    + " is no property of Heliodor, so it would have no effect.",
                            "Did you mean " + variable(meant) + "? Otherwise remove it.");
                });
    }

    private static String variable(String name) {
        return name.replace('.', '_').toUpperCase(Locale.ROOT);
    }

    private static Optional<String> nearest(String name, List<String> known) {
        // Without the prefix, which would make all names similar.
        int prefix = PREFIX.toString().length() + 1;
        return Nearest.of(
                        name.substring(prefix),
                        known.stream().map(each -> each.substring(prefix)).toList())
                .map(each -> PREFIX + "." + each);
    }
}
