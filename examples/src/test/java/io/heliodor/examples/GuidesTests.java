package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.Guide;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pages that begin with an empty folder make the projects in {@code framework-tests}, which the build compiles and runs. */
class GuidesTests {
    private static final Path PROJECTS = Documents.ROOT.resolve("framework-tests");

    private static String pom(Path project) {
        return String.join("\n", Documents.region(project.resolve("pom.xml"), "project")) + "\n";
    }

    private static Map<String, String> files(Path project) throws IOException {
        Map<String, String> files = new TreeMap<>();
        files.put("pom.xml", pom(project));
        try (Stream<Path> sources = Files.walk(project.resolve("src/main"))) {
            for (Path source : sources.filter(Files::isRegularFile).toList()) {
                files.put(project.relativize(source).toString(), Files.readString(source));
            }
        }
        return files;
    }

    @ParameterizedTest
    @CsvSource({
        "docs/spring-boot.md, From an empty project to two windows, spring-boot",
        "docs/quarkus-and-micronaut.md, Quarkus, quarkus",
        "docs/quarkus-and-micronaut.md, Micronaut, micronaut",
    })
    void thePageHasTheFilesOfTheProject(String page, String heading, String name) throws IOException {
        Path project = PROJECTS.resolve(name);
        String pom = pom(project);
        Map<String, String> files = files(project);
        assertThat(Guide.of(page, heading).files()).containsExactlyInAnyOrderEntriesOf(files);
        assertThat(Guide.of(page).installed()).containsAll(Guide.modules(pom));
        Pattern.compile("<exec.mainClass>(.*?)</exec.mainClass>")
                .matcher(pom)
                .results()
                .forEach(main -> assertThat(files)
                        .containsKey("src/main/java/" + main.group(1).replace('.', '/') + ".java"));
    }
}
