package io.heliodor.playground;

import io.heliodor.describe.ContractFiles;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The types that the page of the demo is checked with. */
class DemoTypesTests {
    @Test
    void areThoseOfItsSocket() {
        ContractFiles.of(PlaygroundServer.demoContract())
                .typeScript(Path.of("src/main/types/demo.ts"))
                .checkOrWrite();
    }
}
