package io.heliodor.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliodor.endpoint.Endpoint;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** Properties that come as environment variables, and variables that are none. */
@ExtendWith(OutputCaptureExtension.class)
class EnvironmentVariableTests {
    private static ConfigurableApplicationContext start(Map<String, Object> variables, String... properties) {
        StandardEnvironment environment = new StandardEnvironment();
        String name = StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME;
        environment.getPropertySources().replace(name, new SystemEnvironmentPropertySource(name, variables));
        SpringApplication application = new SpringApplication(FailureTests.Base.class, ServingTests.Mapped.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setEnvironment(environment);
        application.setDefaultProperties(Map.of("heliodor.port", "0", "heliodor.security", "open"));
        return application.run(properties);
    }

    @Test
    void underscoresMayStandForTheDashesOfAName() {
        try (ConfigurableApplicationContext context = start(Map.of(
                "HELIODOR_TRUSTED_PROXIES", "10.0.0.1,10.0.0.2",
                "HELIODOR_JWT_IN_URL", "true",
                "HELIODOR_JWT_REFUSE_AFTER_UPGRADE", "true"))) {
            assertThat(context.getBean(Endpoint.class)).isNotNull();
        }
        try (ConfigurableApplicationContext context =
                start(Map.of("HELIODOR_TRUSTEDPROXIES_0", "10.0.0.1", "HELIODOR_JWT_INURL", "true"))) {
            assertThat(context.getBean(Endpoint.class)).isNotNull();
        }
        try (ConfigurableApplicationContext context = start(Map.of("HELIODOR_TRUSTED_PROXIES_0", "10.0.0.1"))) {
            assertThat(context.getBean(Endpoint.class)).isNotNull();
        }
    }

    @Test
    void aListIsReadFromAVariableWithUnderscores(CapturedOutput output) {
        assertThatThrownBy(() -> start(Map.of("HELIODOR_TRUSTED_PROXIES", "nonsense")));
        assertThat(output.getAll()).contains("The property heliodor.trusted-proxies has a wrong value: ");
    }

    @Test
    void aFileIsReadFromAVariableWithUnderscores(CapturedOutput output) {
        assertThatThrownBy(() -> start(Map.of(
                "HELIODOR_CLUSTER_NAME", "a@127.0.0.1",
                "HELIODOR_CLUSTER_COOKIE_FILE", "missing")));
        assertThat(output.getAll())
                .contains(
                        "The property heliodor.cluster.cookie-file has a wrong value: The cookie cannot be read from missing");
    }

    private static void fails(CapturedOutput output, String variable, String description, String action) {
        assertThatThrownBy(() -> start(Map.of(variable, "x")));
        assertThat(output.getAll())
                .contains("Description:\n\n" + description, "Action:\n\n" + action)
                .doesNotContain("\tat ");
    }

    @Test
    void aWrongNameIsReportedAsItIsWritten(CapturedOutput output) {
        fails(
                output,
                "HELIODOR_TRUSTED_PROXYS",
                "The environment variable HELIODOR_TRUSTED_PROXYS is no property of Heliodor, so it would have no effect.",
                "Did you mean HELIODOR_TRUSTED_PROXIES? Otherwise remove it.");
    }

    /** Boot binds all dashes as underscores, or none. */
    @Test
    void aNameThatBootDoesNotBindIsReported(CapturedOutput output) {
        fails(
                output,
                "HELIODOR_JWT_REFUSEAFTER_UPGRADE",
                "The environment variable HELIODOR_JWT_REFUSEAFTER_UPGRADE is no property of Heliodor, so it would have no effect.",
                "Did you mean HELIODOR_JWT_REFUSE_AFTER_UPGRADE? Otherwise remove it.");
    }

    @Test
    void theVariablesOfAKubernetesServiceAreNoProperties(CapturedOutput output) {
        Map<String, Object> ofService = Map.of(
                "HELIODOR_PORT", "tcp://10.3.4.5:4000",
                "HELIODOR_SERVICE_HOST", "10.3.4.5",
                "HELIODOR_SERVICE_PORT", "4000",
                "HELIODOR_SERVICE_PORT_SOCKET", "4000",
                "HELIODOR_PORT_4000_TCP", "tcp://10.3.4.5:4000",
                "HELIODOR_PORT_4000_TCP_PROTO", "tcp",
                "HELIODOR_PORT_4000_TCP_PORT", "4000",
                "HELIODOR_PORT_4000_TCP_ADDR", "10.3.4.5");
        try (ConfigurableApplicationContext context = start(ofService)) {
            assertThat(context.getBean(Endpoint.class).port()).isPositive();
        }
        assertThat(output.getAll())
                .containsOnlyOnce(
                        "The environment variable HELIODOR_PORT=tcp://10.3.4.5:4000 is ignored: Kubernetes sets it for a"
                                + " service of that name. The port is 0. Set enableServiceLinks: false in the pod's spec, or give the"
                                + " service another name.");
    }

    @Test
    void anOptionOverridesTheVariableOfAService(CapturedOutput output) {
        try (ConfigurableApplicationContext context =
                start(Map.of("HELIODOR_PORT", "tcp://10.3.4.5:4000"), "--heliodor.port=0")) {
            assertThat(context.getBean(Endpoint.class).port()).isPositive();
        }
        assertThat(output.getAll()).doesNotContain("enableServiceLinks");
    }

    @Test
    void servicesWhoseNamesBeginLikePropertiesDoNotMatter() {
        try (ConfigurableApplicationContext context = start(Map.of(
                "HELIODOR_CLUSTER_PORT", "tcp://10.3.4.5:7100",
                "HELIODOR_CLUSTER_SERVICE_HOST", "10.3.4.5",
                "HELIODOR_CLUSTER_SERVICE_PORT", "7100",
                "HELIODOR_CLUSTER_PORT_7100_TCP", "tcp://10.3.4.5:7100",
                "HELIODOR_CLUSTER_PORT_7100_TCP_ADDR", "10.3.4.5",
                "HELIODOR_JWT_PORT", "tcp://10.3.4.6:80"))) {
            assertThat(context.getBean(Endpoint.class).port()).isPositive();
        }
    }
}
