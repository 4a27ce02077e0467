package io.heliodor.examples.desk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SizeTests {
    /** {@code cat src/main/java/io/heliodor/examples/desk/*.java | wc -l}, as in the README. */
    @Test
    void theApplicationHasAtMost470LinesOfJava() throws IOException {
        long lines = 0;
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            for (Path source : sources.filter(Files::isRegularFile).toList()) {
                lines += Files.readAllLines(source).size();
            }
        }
        assertThat(lines).isBetween(1L, 470L);
    }
}
