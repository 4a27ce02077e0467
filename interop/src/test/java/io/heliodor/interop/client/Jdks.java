package io.heliodor.interop.client;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** The JDKs that clients run on: that of the tests, and Java 17, if the machine has it. */
final class Jdks {
    private Jdks() {}

    static Path current() {
        return Path.of(System.getProperty("java.home"));
    }

    static Optional<Path> java17() throws IOException {
        String given = System.getenv().getOrDefault("HELIODOR_JAVA_17", "");
        if (!given.isBlank()) {
            return Optional.of(Path.of(given));
        }
        Path folder = Path.of("/usr/lib/jvm");
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> homes = Files.list(folder)) {
            return homes.sorted().filter(Jdks::isJava17).findFirst();
        }
    }

    private static boolean isJava17(Path home) {
        try {
            return Files.isExecutable(home.resolve("bin/java"))
                    && Files.readString(home.resolve("release")).contains("JAVA_VERSION=\"17");
        } catch (IOException e) {
            return false;
        }
    }
}
