package io.heliodor.spring.boot;

import io.heliodor.channel.Channels;
import io.heliodor.channel.PayloadValidator;
import io.heliodor.channel.SendHook;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.endpoint.Tls;
import io.heliodor.group.Groups;
import io.heliodor.limit.Limits;
import io.heliodor.micrometer.HeliodorObservations;
import io.heliodor.presence.Presence;
import io.heliodor.pubsub.PubSub;
import io.heliodor.spring.ChannelMapping;
import io.heliodor.spring.EndpointCustomizer;
import io.heliodor.spring.LimitsCustomizer;
import io.heliodor.spring.SocketCustomizer;
import io.heliodor.spring.boot.HeliodorProperties.Access;
import io.heliodor.spring.boot.ServedSockets.Served;
import io.heliodor.token.Revocations;
import io.heliodor.token.Secret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.context.LifecycleProperties;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.NoSuchSslBundleException;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;
import tools.jackson.databind.json.JsonMapper;

/**
 * The beans of Heliodor: a pub/sub, which is that of the node if there is one, what is over it, and an endpoint that serves the
 * sockets and channels of the application.
 */
@AutoConfiguration(
        afterName = {
            "org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration",
            "org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerAutoConfiguration",
            "org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration"
        },
        after = {
            HeliodorNodeAutoConfiguration.class,
            HeliodorSecurityAutoConfiguration.class,
            HeliodorTransactionAutoConfiguration.class,
            HeliodorValidationAutoConfiguration.class
        })
@EnableConfigurationProperties(HeliodorProperties.class)
public final class HeliodorAutoConfiguration {
    private static final String SECURITY = "org.springframework.security.core.Authentication";

    @Bean
    @ConditionalOnMissingBean
    PubSub heliodorPubSub() {
        return PubSub.local();
    }

    @Bean
    @ConditionalOnMissingBean
    Channels heliodorChannels(
            PubSub pubsub, ObjectProvider<SendHook> sendHook, ObjectProvider<HeliodorObservations> observations) {
        Channels channels = Channels.over(pubsub);
        HeliodorObservations observing = observations.getIfAvailable();
        // Inside of the hook: a broadcast is observed when it is sent.
        Channels now = observing == null ? channels : observing.observe(channels);
        SendHook hook = sendHook.getIfUnique();
        return hook == null ? now : now.through(hook);
    }

    @Bean
    @ConditionalOnMissingBean
    Groups heliodorGroups(PubSub pubsub) {
        return Groups.over(pubsub);
    }

    @Bean
    @ConditionalOnMissingBean
    Revocations heliodorRevocations(PubSub pubsub) {
        return Revocations.over(pubsub);
    }

    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnProperty("heliodor.secret")
    Secret heliodorSecret(HeliodorProperties properties) {
        return PropertyCheck.of("heliodor.secret", () -> Secret.of(String.valueOf(properties.secret())));
    }

    /** Before any bean is made: a node whose seeds have a wrong name would begin a cluster of its own. */
    @Bean
    static BeanFactoryPostProcessor heliodorPropertyNames(ConfigurableEnvironment environment) {
        return _ -> {
            PropertyNames.check(environment);
            ServiceLinks.ignoreForPort(environment);
        };
    }

    @Bean
    @Lazy // a test without an endpoint may have beans that do not fit together
    ServedSockets heliodorSockets(
            HeliodorProperties properties,
            PubSub pubsub,
            ListableBeanFactory beans,
            ObjectProvider<SocketAccess<?>> access,
            ObjectProvider<PayloadValidator> validator,
            ObjectProvider<SendHook> sendHook,
            ObjectProvider<HeliodorObservations> observations,
            ObjectProvider<LimitsCustomizer> customizers,
            ObjectProvider<JsonMapper> json) {
        MappedSockets sockets = new MappedSockets(
                beans,
                properties.path(),
                () -> access.getIfAvailable(() -> openAccess(properties)),
                Optional.ofNullable(validator.getIfUnique()),
                Optional.ofNullable(sendHook.getIfUnique()),
                Optional.ofNullable(observations.getIfAvailable()));
        checkPresences(beans, pubsub);
        return new ServedSockets(
                sockets.read(), limits(properties, customizers), Optional.ofNullable(json.getIfUnique()));
    }

    /** Else each join would crash that tracks a user. */
    private static void checkPresences(ListableBeanFactory beans, PubSub pubsub) {
        beans.getBeansOfType(Presence.class).forEach((bean, presence) -> {
            if (!presence.pubsub().equals(pubsub)) {
                throw new HeliodorConfigurationException(
                        "The Presence '" + bean
                                + "' is over another pub/sub than that of the endpoint, so clients would not"
                                + " get it.",
                        "Give the PubSub bean to its method: Presence<User> users(PubSub pubsub) { return"
                                + " Presence.over(pubsub, User.class); }.");
            }
        });
    }

    private static SocketAccess<?> openAccess(HeliodorProperties properties) {
        if (properties.security() == Access.JWT && ClassUtils.isPresent(SECURITY, null)) {
            throw new HeliodorConfigurationException(
                    "The application has Spring Security and channels with @ChannelMapping, but no JwtDecoder that decides"
                            + " which clients may connect.",
                    "Set spring.security.oauth2.resourceserver.jwt.issuer-uri, or add a JwtDecoder or UserSocket bean."
                            + " If every client may connect, set heliodor.security=open.");
        }
        return new OpenAccess();
    }

    /**
     * An endpoint that is not started, for a process that publishes and serves no sockets: its channels declare the kept events.
     *
     * @param endpoint the endpoint
     */
    record Publisher(Endpoint endpoint) implements AutoCloseable {
        @Override
        public void close() {
            endpoint.close();
        }
    }

    /** A process without sockets: a worker of a cluster, or a test without a kit, which is an endpoint itself. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty(name = "heliodor.enabled", havingValue = "false")
    @ConditionalOnMissingBean(value = Endpoint.class, type = "io.heliodor.testkit.ChannelKit")
    static class Publishing {
        @Bean
        Publisher heliodorPublisher(
                HeliodorProperties properties,
                PubSub pubsub,
                ListableBeanFactory beans,
                ObjectProvider<PayloadValidator> validator,
                ObjectProvider<LimitsCustomizer> customizers,
                ObjectProvider<JsonMapper> json) {
            MappedSockets sockets = new MappedSockets(
                    beans,
                    properties.path(),
                    NoAccess::new,
                    Optional.ofNullable(validator.getIfUnique()),
                    Optional.empty(),
                    Optional.empty());
            Endpoint.Builder builder = Endpoint.builder().pubsub(pubsub).limits(limits(properties, customizers));
            Optional.ofNullable(json.getIfUnique()).ifPresent(builder::json);
            sockets.read().forEach(socket -> mount(builder, socket));
            return new Publisher(build(builder));
        }
    }

    private static Limits limits(HeliodorProperties properties, ObjectProvider<LimitsCustomizer> customizers) {
        Limits limits = properties.limits().limits();
        for (LimitsCustomizer customizer : customizers.orderedStream().toList()) {
            limits = customizer.customize(limits);
        }
        return limits;
    }

    private static void mount(Endpoint.Builder builder, Served served) {
        Optional<String> bean = served.mapped();
        if (bean.isEmpty()) {
            Endpoint.Builder _ =
                    PropertyCheck.of("heliodor.path", () -> builder.socket(served.path(), served.socket()));
            return;
        }
        try {
            builder.socket(served.path(), served.socket());
        } catch (IllegalArgumentException e) {
            throw new HeliodorConfigurationException(
                    "The socket '" + bean.get() + "' cannot be served at '" + served.path() + "': " + e.getMessage(),
                    "Change the @SocketMapping of the bean.",
                    e);
        }
    }

    /** Only the declarations of channels are checked here: the settings have been. */
    private static Endpoint build(Endpoint.Builder builder) {
        try {
            return builder.build();
        } catch (IllegalArgumentException e) {
            throw new HeliodorConfigurationException(
                    "A channel cannot be served: " + e.getMessage(),
                    "Change the class, or declare the event or call with another one, such as a record.",
                    e);
        }
    }

    /** The endpoint. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnProperty(name = "heliodor.enabled", matchIfMissing = true)
    static class Serving {
        /** The port of the web server next to the endpoint, 0 for a free one. */
        record WebPort(int number) {}

        @Bean
        @ConditionalOnWebApplication
        WebPort heliodorWebPort(Environment environment) {
            return new WebPort(environment.getProperty("server.port", Integer.class, 8080));
        }

        @Bean
        @ConditionalOnMissingBean
        Endpoint heliodorEndpoint(
                HeliodorProperties properties,
                PubSub pubsub,
                ServedSockets served,
                ObjectProvider<WebPort> web,
                ObjectProvider<SslBundles> bundles,
                ObjectProvider<ApplicationAvailability> availability,
                ObjectProvider<EndpointCustomizer> customizers) {
            Endpoint.Builder builder = Endpoint.builder().pubsub(pubsub).limits(served.limits());
            served.json().ifPresent(builder::json);
            PropertyCheck.of("heliodor.host", () -> builder.host(properties.host()));
            PropertyCheck.of("heliodor.port", () -> builder.port(properties.port()));
            PropertyCheck.of("heliodor.origins", () -> builder.origins(array(properties.origins())));
            PropertyCheck.of(
                    "heliodor.trusted-proxies", () -> builder.trustedProxies(array(properties.trustedProxies())));
            builder.compression(properties.compression());
            if (properties.origins().isEmpty()) {
                web.stream().mapToInt(WebPort::number).filter(port -> port > 0).forEach(builder::originPorts);
            }
            String bundle = properties.ssl().bundle();
            if (bundle != null) {
                builder.tls(tls(bundle, bundles));
            }
            served.sockets().forEach(socket -> mount(builder, socket));
            availability.ifAvailable(state -> builder.ready(
                    "readiness_state", () -> state.getReadinessState() == ReadinessState.ACCEPTING_TRAFFIC));
            customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
            return HeliodorAutoConfiguration.build(builder);
        }

        private static Tls tls(String name, ObjectProvider<SslBundles> bundles) {
            SslBundles all = bundles.getObject();
            SslBundle bundle;
            try {
                bundle = all.getBundle(name);
            } catch (NoSuchSslBundleException e) {
                throw new HeliodorConfigurationException(
                        "The property heliodor.ssl.bundle names the bundle '" + name + "', which does not exist.",
                        "Define it by spring.ssl.bundle.pem." + name + ".keystore.certificate and .private-key.",
                        e);
            }
            // One for all connections: a client can resume a session only with the context of its first connection.
            AtomicReference<SSLContext> context = new AtomicReference<>(bundle.createSslContext());
            all.addBundleUpdateHandler(name, changed -> context.set(changed.createSslContext()));
            return Tls.of(context::get);
        }

        private static String[] array(List<String> texts) {
            return texts.toArray(String[]::new);
        }

        @Bean
        EndpointLifecycle heliodorEndpointLifecycle(
                HeliodorProperties properties,
                Endpoint endpoint,
                ServedSockets served,
                ObjectProvider<EndpointCustomizer> customizers,
                ObjectProvider<LifecycleProperties> phases,
                ConfigurableEnvironment environment,
                ListableBeanFactory beans) {
            boolean own = !beans.containsBean("heliodorEndpoint");
            if (own) {
                checkUsed(beans);
            }
            boolean serves = own
                    || !served.sockets().isEmpty()
                    || customizers.stream().findAny().isPresent();
            Duration phase = phases.getIfAvailable(LifecycleProperties::new).getTimeoutPerShutdownPhase();
            return new EndpointLifecycle(endpoint, serves, properties.drainWithin(phase), environment);
        }

        /** An endpoint of the application does not have what the auto-configuration would have given it. */
        private static void checkUsed(ListableBeanFactory beans) {
            List<String> unused = new ArrayList<>(List.of(beans.getBeanNamesForAnnotation(ChannelMapping.class)));
            for (Class<?> customizer :
                    List.of(EndpointCustomizer.class, LimitsCustomizer.class, SocketCustomizer.class)) {
                unused.addAll(List.of(beans.getBeanNamesForType(customizer)));
            }
            if (!unused.isEmpty()) {
                throw new HeliodorConfigurationException(
                        "There is an Endpoint bean of the application, so these beans would have no effect: '"
                                + String.join("', '", unused) + "'.",
                        "Replace the Endpoint bean by an EndpointCustomizer bean; or name the channels and settings at the builder of"
                                + " that endpoint, and remove @ChannelMapping and the customizers.");
            }
        }
    }
}
