package io.heliodor.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Runs the tests of {@code interop/test} on Node: phoenix.js, raw WebSocket frames and a browser against the servers that
 * the launcher starts.
 */
class RealClientsIT {
    private static final Path ROOT = NodePackages.MODULE.getParent();

    @BeforeAll
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    static void packagesAreInstalled() throws Exception {
        NodePackages.install();
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void realClientsAreServed() throws Exception {
        Map<String, String> environment = new HashMap<>();
        environment.put("HELIODOR_SERVE", ROOT.resolve("heliodor") + " serve");
        environment.put("HELIODOR_DEMO", ROOT.resolve("heliodor") + " demo");
        environment.put("HELIODOR_TESTS", System.getProperty("heliodor.tests", "all"));
        ServerProcess.environment(environment);
        String fetched = System.getProperty("localRepository"); // set by Failsafe
        if (fetched != null) {
            environment.put("HELIODOR_REPOSITORY", fetched);
        }
        assertThat(NodePackages.run(environment, "npm", "test", "--silent"))
                .as("node --test")
                .isZero();
    }
}
