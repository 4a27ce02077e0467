package io.heliodor.interop;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.PublicApi;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The public API as text, in {@code docs/api}: a change of it is a change of a file, which a review shows. */
class ApiTests {
    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
    private static final Path FOLDER = PROJECT.resolve("docs/api");
    private static final Path PAGE = PROJECT.resolve("docs/api-at-a-glance.md");
    private static final String WRITE = "; the code is right: write it anew with mvn verify -DskipITs -pl interop -am"
            + " -Dtest=ApiTests -Dsurefire.failIfNoSpecifiedTests=false -Dheliodor.write=docs";

    /** The first line of a type: its kind, its package and its name. */
    private static final Pattern HEAD = Pattern.compile("^(?:sealed )?[a-z]+ ([a-z.]+)\\.([A-Z][A-Za-z.]*)");

    private static final String PAGE_HEAD = """
            # The API at a glance

            All public types of each module; `api/MODULE.txt` has their signatures. Both are made from the code and
            compared with it by `ApiTests`, so a change of the API shows in a review. [Versions of
            Heliodor](supported-versions.md#versions-of-heliodor) has what a release may change, and the meaning of *incubating*.
            """;

    static List<String> modules() {
        return List.of(
                "contract",
                "client",
                "client-okhttp",
                "load",
                "pubsub",
                "presence",
                "channels",
                "endpoint",
                "dashboard",
                "micrometer",
                "documents",
                "jwt",
                "kotlin",
                "cluster",
                "testkit");
    }

    @ParameterizedTest
    @MethodSource("modules")
    void theSignaturesAreWrittenDown(String module) throws IOException {
        String signatures = packages(module).values().stream()
                .flatMap(List::stream)
                .map(PublicApi::describe)
                .collect(joining("\n"));
        isWritten(FOLDER.resolve(module + ".txt"), signatures);
    }

    @Test
    void thePageHasAllTypes() throws IOException {
        StringBuilder page = new StringBuilder(PAGE_HEAD);
        for (String module : modules()) {
            Map<String, List<Class<?>>> packages = packages(module);
            long count = packages.values().stream().mapToLong(List::size).sum();
            page.append("\n## ").append(module).append(" (").append(count).append(")\n");
            packages.forEach((name, types) -> page.append("\n`")
                    .append(name)
                    .append(isIncubating(module, name) ? "` (incubating): " : "`: ")
                    .append(types.stream().map(PublicApi::name).collect(joining(", ")))
                    .append('\n'));
        }
        for (String module : List.of("spring-boot", "spring-boot-test")) {
            page.append(ofText(module));
        }
        isWritten(PAGE, page.toString());
    }

    /** The Javadoc of the package has the tag. */
    private static boolean isIncubating(String module, String name) {
        Path source = PROJECT.resolve(module + "/src/main/java/" + name.replace('.', '/') + "/package-info.java");
        try {
            return Files.exists(source) && Files.readString(source).contains("\n * @incubating ");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The module is not on this class path, with the versions of Spring Boot: ApiTests of {@code spring-boot-tests} writes its text. */
    private static String ofText(String module) throws IOException {
        Map<String, List<String>> packages = new TreeMap<>();
        long count = 0;
        for (String line : Files.readAllLines(FOLDER.resolve(module + ".txt"))) {
            Matcher type = HEAD.matcher(line);
            if (type.find()) {
                count++;
                packages.computeIfAbsent(type.group(1), _ -> new ArrayList<>()).add(type.group(2));
            }
        }
        StringBuilder text = new StringBuilder("\n## " + module + " (" + count + ")\n");
        packages.forEach((name, types) -> text.append("\n`")
                .append(name)
                .append("`: ")
                .append(String.join(", ", types))
                .append('\n'));
        return text.toString();
    }

    private static void isWritten(Path file, String expected) throws IOException {
        if ("docs".equals(System.getProperty("heliodor.write"))) {
            Files.createDirectories(FOLDER);
            Files.writeString(file, expected);
            return;
        }
        assertThat(Files.exists(file) ? Files.readString(file) : "")
                .as(PROJECT.relativize(file) + WRITE)
                .isEqualTo(expected);
    }

    /** The public types of the packages that a module exports to all, sorted; of all packages if it has no descriptor. */
    static Map<String, List<Class<?>>> packages(String module) throws IOException {
        Path classes = PROJECT.resolve(module).resolve("target/classes");
        Map<String, List<Class<?>>> found = new TreeMap<>();
        for (String name : exported(classes)) {
            found.put(name, types(classes, name));
        }
        return found;
    }

    private static List<String> exported(Path classes) throws IOException {
        Path descriptor = classes.resolve("module-info.class");
        if (Files.exists(descriptor)) {
            try (InputStream in = Files.newInputStream(descriptor)) {
                return ModuleDescriptor.read(in).exports().stream()
                        .filter(exported -> !exported.isQualified())
                        .map(ModuleDescriptor.Exports::source)
                        .toList();
            }
        }
        try (Stream<Path> files = Files.walk(classes)) {
            return files.filter(file -> file.toString().endsWith(".class"))
                    .map(file -> classes.relativize(Objects.requireNonNull(file.getParent()))
                            .toString()
                            .replace('/', '.'))
                    .distinct()
                    .toList();
        }
    }

    private static List<Class<?>> types(Path classes, String name) throws IOException {
        try (Stream<Path> files = Files.list(classes.resolve(name.replace('.', '/')))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".class") && !file.equals("package-info.class"))
                    // Anonymous classes: reflection refuses to return the outer class of those that Kotlin inlines.
                    .filter(file -> !file.matches(".*\\$\\d+\\.class"))
                    .map(file -> name + "." + file.substring(0, file.length() - ".class".length()))
                    .<Class<?>>map(ApiTests::load)
                    .filter(PublicApi::isPublic)
                    .sorted(Comparator.comparing(PublicApi::name))
                    .toList();
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, ApiTests.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
