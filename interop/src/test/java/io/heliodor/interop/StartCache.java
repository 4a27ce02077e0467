package io.heliodor.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * The start cache of the servers and nodes that tests start. It is made before the first test, so that no test waits for it,
 * and only in a run of Failsafe, which sets the property. See {@code docs/design/start-cache.md}.
 */
public final class StartCache implements LauncherSessionListener {
    private static final String FOLDER = System.getProperty("heliodor.start.cache", "");

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        if (FOLDER.isEmpty()) {
            return;
        }
        try {
            // If it cannot be made, the tests start servers without it.
            Map<String, String> environment = new HashMap<>();
            environment.put("HELIODOR_BUILD", "no");
            environment.put("HELIODOR_JAVA", System.getProperty("java.home"));
            environment(environment);
            NodePackages.run(
                    environment, NodePackages.MODULE.resolveSibling("heliodor").toString(), "train");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sets the variable of the launcher. */
    public static void environment(Map<String, String> environment) {
        if (!FOLDER.isEmpty()) {
            environment.put("HELIODOR_START_CACHE", FOLDER);
        }
    }
}
