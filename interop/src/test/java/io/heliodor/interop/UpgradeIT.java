package io.heliodor.interop;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Servers of the former wire are replaced by those of today, one after the other, under real clients. */
@Tag("long")
class UpgradeIT {
    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void realClientsMissNothing() throws Exception {
        NodePackages.script("test:upgrade", Map.of("HELIODOR_FORMER_SERVE", FormerWire.launcher() + " serve"));
    }
}
