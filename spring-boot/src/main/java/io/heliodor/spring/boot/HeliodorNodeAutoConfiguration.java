package io.heliodor.spring.boot;

import io.heliodor.node.Cookie;
import io.heliodor.node.Node;
import io.heliodor.node.StartException;
import io.heliodor.pubsub.PubSub;
import io.heliodor.spring.NodeCustomizer;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** The node of an application that is one of several, and its pub/sub. */
@AutoConfiguration
@EnableConfigurationProperties(HeliodorProperties.class)
public final class HeliodorNodeAutoConfiguration {
    private static final Pattern ADDRESS = Pattern.compile("(?:\\[([^\\]]+)]|([^:\\[\\]]+)):([0-9]{1,5})");

    @Bean
    @ConditionalOnProperty("heliodor.cluster.name")
    @ConditionalOnMissingBean
    Node heliodorNode(HeliodorProperties properties, ObjectProvider<NodeCustomizer> customizers) {
        HeliodorProperties.Cluster cluster = properties.cluster();
        Node.Builder builder = Node.builder(String.valueOf(cluster.name()));
        address("heliodor.cluster.bind", cluster.bind(), builder::bind);
        address("heliodor.cluster.advertise", cluster.advertise(), builder::advertise);
        Node.Builder _ = PropertyCheck.of(
                "heliodor.cluster.seeds", () -> builder.seeds(cluster.seeds().toArray(String[]::new)));
        Path cookieFile = cluster.cookieFile();
        if (cookieFile != null) {
            builder.cookie(PropertyCheck.of("heliodor.cluster.cookie-file", () -> Cookie.fromFile(cookieFile)));
        }
        String cookie = cluster.cookie();
        if (cookie != null) {
            builder.cookie(PropertyCheck.of("heliodor.cluster.cookie", () -> Cookie.of(cookie)));
        }
        if (!cluster.voters().isEmpty()) {
            String[] voters = cluster.voters().toArray(String[]::new);
            Path data = cluster.data();
            Node.Builder _ = data == null ? builder.voters(voters) : builder.voters(data, voters);
        }
        customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
        try {
            return builder.start();
        } catch (StartException e) {
            throw new HeliodorConfigurationException(
                    "The node " + cluster.name() + " did not start: " + e.getMessage(),
                    "Change the properties heliodor.cluster.*, or start what they name.",
                    e);
        }
    }

    @Bean(destroyMethod = "") // the node closes it
    @ConditionalOnBean(Node.class)
    @ConditionalOnMissingBean
    PubSub heliodorPubSub(Node node) {
        return node.pubsub();
    }

    private interface Setting {
        Node.Builder set(String host, int port);
    }

    private static void address(String property, @Nullable String value, Setting setting) {
        if (value == null) {
            return;
        }
        Matcher parts = ADDRESS.matcher(value);
        if (!parts.matches()) {
            throw new HeliodorConfigurationException(
                    "The property " + property + " is '" + value + "', which is not an address.",
                    "Write host:port, such as 10.0.0.1:7100 or [::1]:7100.");
        }
        String host = parts.group(1) == null ? parts.group(2) : parts.group(1);
        Node.Builder _ = PropertyCheck.of(property, () -> setting.set(host, Integer.parseInt(parts.group(3))));
    }
}
