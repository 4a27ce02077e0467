package io.heliodor.interop.planted;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A module of the build that has a source or a test of a planted fault, with the class path and the options of the JVM of its
 * own tests.
 *
 * @param name its folder, relative to the root
 */
record SourceModule(String name) {
    static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");
    private static final Pattern ARTIFACT = Pattern.compile("<artifactId>([\\w.-]+)</artifactId>");
    private static final Pattern OPTIONS = Pattern.compile("<test\\.jvm>([^<]*)</test\\.jvm>");

    /** The module that has a source file. */
    static Optional<SourceModule> ofSource(Path source) {
        String path = source.toString().replace(File.separatorChar, '/');
        int end = path.indexOf("/src/main/java/");
        return end < 0 || !path.endsWith(".java")
                ? Optional.empty()
                : Optional.of(new SourceModule(path.substring(0, end)));
    }

    /** The module whose tests contain a class. */
    static Optional<SourceModule> ofTest(String type) {
        return all().stream()
                .filter(module -> Files.exists(module.testSource(type)))
                .findFirst();
    }

    private static List<SourceModule> all() {
        return MODULE.matcher(text(ROOT.resolve("pom.xml")))
                .results()
                .map(each -> new SourceModule(each.group(1)))
                .toList();
    }

    /** The source file of a class of its tests, also of a nested one. */
    Path testSource(String type) {
        return ROOT.resolve(
                name, "src", "test", "java", type.replaceFirst("\\$.*", "").replace('.', '/') + ".java");
    }

    /** This module and all that Maven builds before it because of a dependency. */
    Set<SourceModule> builtWith() {
        Map<String, SourceModule> byArtifact = new LinkedHashMap<>();
        all().forEach(module -> artifacts(module).limit(1).forEach(own -> byArtifact.put(own, module)));
        Set<SourceModule> built = new LinkedHashSet<>(Set.of(this));
        Deque<SourceModule> further = new ArrayDeque<>(built);
        while (!further.isEmpty()) {
            artifacts(further.remove())
                    .map(byArtifact::get)
                    .filter(module -> module != null && built.add(module))
                    .forEach(further::add);
        }
        return built;
    }

    /** Its own artifact, then those that it depends on. */
    private static Stream<String> artifacts(SourceModule module) {
        String pom = text(module.pom());
        return ARTIFACT.matcher(pom.substring(pom.indexOf("</parent>") + 1))
                .results()
                .map(each -> each.group(1));
    }

    private Path pom() {
        return ROOT.resolve(name, "pom.xml");
    }

    /** Its classes and those of its tests, then the class path of its tests, which the build has written. */
    String classPath() {
        Path target = ROOT.resolve(name, "target");
        return String.join(
                File.pathSeparator,
                target.resolve("test-classes").toString(),
                target.resolve("classes").toString(),
                text(target.resolve("test-classpath.txt")).strip());
    }

    /** The options that the JVM of its tests needs. */
    List<String> jvmOptions() {
        String options = OPTIONS.matcher(text(pom()))
                .results()
                .map(each -> each.group(1).strip())
                .findFirst()
                .orElse("");
        return Pattern.compile("\\s+")
                .splitAsStream(options.replaceAll("--add-opens\\s+", "--add-opens="))
                .filter(each -> !each.isEmpty() && !each.contains("${"))
                .toList();
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
