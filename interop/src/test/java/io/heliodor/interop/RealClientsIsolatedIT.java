package io.heliodor.interop;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/** Runs the tests of {@code interop/test/isolated} on Node: they measure times, so nothing else runs. */
@Tag("long")
@Isolated
class RealClientsIsolatedIT {
    @Test
    @Timeout(value = 40, unit = TimeUnit.MINUTES)
    void realClientsAreServed() throws Exception {
        NodePackages.script("test:isolated");
    }
}
