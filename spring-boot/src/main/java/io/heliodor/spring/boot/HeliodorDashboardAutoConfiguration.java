package io.heliodor.spring.boot;

import io.heliodor.dashboard.Dashboard;
import io.heliodor.node.Node;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.spring.DashboardCustomizer;
import io.heliodor.spring.EndpointCustomizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/** The dashboard of the endpoint, in an application with {@code heliodor-dashboard} that enables it. */
@AutoConfiguration(after = {HeliodorAutoConfiguration.class, HeliodorNodeAutoConfiguration.class})
@ConditionalOnProperty("heliodor.dashboard.enabled")
@ConditionalOnProperty(name = "heliodor.enabled", matchIfMissing = true)
@EnableConfigurationProperties(HeliodorProperties.class)
public final class HeliodorDashboardAutoConfiguration {
    private static final Logger LOG = LoggerFactory.getLogger("io.heliodor.spring");

    /** The page. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(Dashboard.class)
    static class Page {
        @Bean
        @ConditionalOnMissingBean
        Dashboard heliodorDashboard(
                HeliodorProperties properties,
                PubSub pubsub,
                ObjectProvider<Node> node,
                ListableBeanFactory beans,
                ObjectProvider<DashboardCustomizer> customizers) {
            Dashboard.Builder builder = Dashboard.over(pubsub);
            node.ifAvailable(builder::node);
            beans.getBeansOfType(Presence.class).forEach(builder::presence);
            if (properties.dashboard().actions()) {
                builder.actions();
            }
            String token = properties.dashboard().token();
            if (token != null) {
                PropertyCheck.of("heliodor.dashboard.token", () -> builder.token(token));
            }
            customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
            Dashboard dashboard = builder.build();
            if (token == null) {
                LOG.info(
                        "The dashboard has a token for this start, in its path {}. heliodor.dashboard.token sets a token of your own.",
                        dashboard.path());
            }
            return dashboard;
        }

        @Bean
        EndpointCustomizer heliodorDashboardMount(Dashboard dashboard) {
            return dashboard::mountOn;
        }
    }

    /** Fails the start of an application that would have no page. */
    @Lazy(false)
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnMissingClass("io.heliodor.dashboard.Dashboard")
    static class WithoutPage {
        WithoutPage() {
            throw new HeliodorConfigurationException(
                    "The property heliodor.dashboard.enabled is true, but the application lacks heliodor-dashboard.",
                    "Add the dependency io.heliodor:heliodor-dashboard, or remove heliodor.dashboard.enabled.");
        }
    }
}
