package io.heliodor.dashboard;

import io.heliodor.describe.ContractFiles;
import io.heliodor.pubsub.PubSub;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The types that the page is checked with. */
class DashboardTypesTests {
    @Test
    void areThoseOfItsSocket() {
        try (PubSub pubsub = PubSub.local();
                Dashboard dashboard = Dashboard.over(pubsub).build()) {
            ContractFiles.of(dashboard.contract())
                    .typeScript(Path.of("src/main/types/dashboard.ts"))
                    .checkOrWrite();
        }
    }
}
