package io.heliodor.spring.boot;

import io.heliodor.election.Elections;
import io.heliodor.node.Cookie;
import io.heliodor.node.LocalElections;
import io.heliodor.node.Node;
import io.heliodor.node.StartException;
import io.heliodor.pubsub.PubSub;
import io.heliodor.spring.NodeCustomizer;
import java.nio.file.Path;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/** The node of an application that is one of several, its pub/sub, and the elections of an application without a node. */
@AutoConfiguration
@EnableConfigurationProperties(HeliodorProperties.class)
public final class HeliodorNodeAutoConfiguration {
    @Bean
    @ConditionalOnProperty("heliodor.cluster.name")
    @ConditionalOnMissingBean
    Node heliodorNode(HeliodorProperties properties, ObjectProvider<NodeCustomizer> customizers) {
        HeliodorProperties.Cluster cluster = properties.cluster();
        cluster.check();
        Node.Builder builder = Node.builder(String.valueOf(cluster.name()));
        setting("heliodor.cluster.bind", cluster.bind(), builder::bind);
        setting("heliodor.cluster.advertise", cluster.advertise(), builder::advertise);
        setting("heliodor.cluster.seeds", cluster.seeds().toArray(String[]::new), builder::seeds);
        setting("heliodor.cluster.cookie-file", cluster.cookieFile(), file -> builder.cookie(Cookie.fromFile(file)));
        setting("heliodor.cluster.cookie", cluster.cookie(), cookie -> builder.cookie(Cookie.of(cookie)));
        if (!cluster.voters().isEmpty()) {
            String[] voters = cluster.voters().toArray(String[]::new);
            Path data = cluster.data();
            Node.Builder _ = data == null ? builder.voters(voters) : builder.voters(data, voters);
        }
        customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
        try {
            return builder.start();
        } catch (StartException | IllegalArgumentException e) {
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

    @Bean
    @ConditionalOnBean(Node.class)
    BrokenNode heliodorBrokenNode(Node node, ApplicationContext context) {
        return new BrokenNode(node, context);
    }

    /** A node is a bean of this type. Without one the application is alone, and leads each election that it takes part in. */
    @Bean
    @Lazy
    @ConditionalOnMissingBean
    Elections heliodorElections() {
        return LocalElections.start();
    }

    private static <T> void setting(String property, @Nullable T value, Function<T, Node.Builder> set) {
        if (value != null) {
            Node.Builder _ = PropertyCheck.of(property, () -> set.apply(value));
        }
    }

    /** Fails the start of an application that would run alone, with settings of a cluster. */
    @Lazy(false)
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnMissingBean(Node.class)
    static class WithoutNode {
        WithoutNode(HeliodorProperties properties) {
            properties.cluster().check();
        }
    }
}
