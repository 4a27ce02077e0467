package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.interop.hosts.Programs;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/** Commands of the launcher for nodes and tests that start none. */
@Timeout(120)
@Isolated
class LauncherIT {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    @Test
    void aCookieIsAloneOnOneLine() {
        Programs.Ended first = Programs.ours(DEADLINE, "./heliodor cookie");
        assertThat(first.output()).matches("[A-Za-z0-9]{32}\n");
        assertThat(first.status()).isZero();
        assertThat(Programs.ours(DEADLINE, "./heliodor cookie").output()).isNotEqualTo(first.output());
    }

    @Test
    void theHelpOfANodeIsPrinted() {
        Programs.Ended help = Programs.ours(DEADLINE, "./heliodor node --help");
        assertThat(help.status()).isZero();
        assertThat(help.output())
                .contains("--name", "--cookie-file", "--seeds", "--voters", "--data", "--cluster", "--json")
                .contains("broadcast GROUP TEXT");
    }

    @Test
    void theHelpOfTheTestsHasTheirSizes() {
        Programs.Ended help = Programs.ours(DEADLINE, "./heliodor test --help");
        assertThat(help.status()).isZero();
        assertThat(help.output()).contains("--all", "--long");
    }

    @Test
    void badOptionsAreStatusTwo() {
        assertThat(Programs.ours(DEADLINE, "./heliodor node --colour").status()).isEqualTo(2);
        assertThat(Programs.ours(DEADLINE, "./heliodor test --al").status()).isEqualTo(2);
        assertThat(Programs.ours(DEADLINE, "./heliodor test --all --long").status())
                .isEqualTo(2);
    }

    @Test
    void aMisspeltSizeOfTheTestsIsNamed() {
        assertThat(Programs.ours(DEADLINE, "sh -c './heliodor test --al 2>&1'").output())
                .isEqualTo(
                        "heliodor: Unknown option: '--al'; test takes --all and --long (see ./heliodor test --help)\n");
    }

    @Test
    void aGivenJavaThatDoesNotWorkIsAnError() {
        Programs.Ended ended = Programs.ours(DEADLINE, "env HELIODOR_JAVA=/nowhere sh -c './heliodor cookie 2>&1'");
        assertThat(ended.status()).isEqualTo(1);
        assertThat(ended.output())
                .isEqualTo("heliodor: HELIODOR_JAVA is '/nowhere', which is not the folder of a JDK 25 or newer;"
                        + " name one, or unset it\n");
    }
}
