package io.heliodor.spring.boot;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * Environment variables that Kubernetes sets in each pod for the services of its namespace. That of a service named heliodor is
 * {@code HELIODOR_PORT=tcp://10.3.4.5:4000}, which Boot would read as {@code heliodor.port}.
 */
final class ServiceLinks {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.spring");
    private static final Pattern LINK = Pattern.compile("(tcp|udp|sctp)://.*");
    private static final String PORT = "heliodor.port";

    private ServiceLinks() {}

    /** Whether the value of a variable is the address of a service. */
    static boolean isOne(Object value) {
        return LINK.matcher(value.toString()).matches();
    }

    /** Lets the next source of the port, or the default, take the place of such a variable, and warns. */
    static void ignoreForPort(ConfigurableEnvironment environment) {
        String link = environment.getProperty(PORT);
        PropertySource<?> variables =
                environment.getPropertySources().get(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
        if (link == null || !isOne(link) || variables == null || !link.equals(variables.getProperty(PORT))) {
            return;
        }
        String port = environment.getPropertySources().stream()
                .dropWhile(source -> !source.equals(variables))
                .skip(1)
                .flatMap(source -> Optional.ofNullable(source.getProperty(PORT)).stream())
                .findFirst()
                .map(value -> environment.resolvePlaceholders(value.toString()))
                .orElse(HeliodorProperties.DEFAULT_PORT);
        environment.getPropertySources().addFirst(new MapPropertySource("heliodor.service-links", Map.of(PORT, port)));
        LOG.warn(
                "The environment variable HELIODOR_PORT={} is ignored: Kubernetes sets it for a service of that name. The port is {}."
                        + " Set enableServiceLinks: false in the pod's spec, or give the service another name.",
                link,
                port);
    }
}
