package io.heliodor.interop;

import static io.heliodor.interop.DependenciesTests.child;
import static io.heliodor.interop.DependenciesTests.dependencies;
import static io.heliodor.interop.DependenciesTests.parse;
import static io.heliodor.interop.DependenciesTests.published;
import static io.heliodor.interop.DependenciesTests.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

/** The modules that are published: the BOM, the names of their Java modules, and the table of the guide agree. */
class PublishedTests {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(heliodor-[\\w-]+)` \\| `([\\w.]+)` \\|");
    private static final Pattern AUTOMATIC =
            Pattern.compile("<Automatic-Module-Name>([\\w.]+)</Automatic-Module-Name>");
    private static final Pattern DECLARED = Pattern.compile("(?m)^module ([\\w.]+) \\{");

    @Test
    void theBomHasEachOfThem() throws Exception {
        List<String> managed = new ArrayList<>();
        Element bom = parse(ROOT.resolve("bom/pom.xml"));
        for (Element dependency :
                dependencies(child(bom, "dependencyManagement").orElseThrow())) {
            managed.add(text(dependency, "artifactId"));
            assertThat(text(dependency, "version")).isEqualTo("${project.version}");
        }
        List<String> published = new ArrayList<>();
        for (Path pom : published()) {
            published.add(text(parse(pom), "artifactId"));
        }
        published.remove("heliodor-bom");
        assertThat(managed)
                .as("bom/pom.xml, which must have each module of pom.xml without maven.deploy.skip")
                .containsExactlyInAnyOrderElementsOf(published);
    }

    @Test
    void eachWithSourcesHasARecordOfItsApi() throws Exception {
        for (Path pom : published()) {
            if (Files.exists(pom.resolveSibling("src/main"))) {
                assertThat(ROOT.resolve("docs/api/" + pom.getParent().getFileName() + ".txt"))
                        .as("the API of %s, which ApiTests writes", pom)
                        .exists();
            }
        }
    }

    @Test
    void eachHasANameAndADescription() throws Exception {
        for (Path pom : published()) {
            Element project = parse(pom);
            assertThat(text(project, "artifactId"))
                    .isEqualTo("heliodor-" + pom.getParent().getFileName());
            assertThat(text(project, "name")).as("%s", pom).startsWith("Heliodor ");
            assertThat(text(project, "description")).as("%s", pom).endsWith(".");
        }
    }

    @Test
    void theGuideHasTheNameOfEachJavaModule() throws Exception {
        TreeMap<String, String> named = new TreeMap<>();
        for (Path pom : published()) {
            if (pom.endsWith("bom/pom.xml")) {
                continue;
            }
            Path descriptor = pom.resolveSibling("src/main/java/module-info.java");
            Pattern name = Files.exists(descriptor) ? DECLARED : AUTOMATIC;
            String text = Files.readString(Files.exists(descriptor) ? descriptor : pom);
            List<String> found =
                    name.matcher(text).results().map(match -> match.group(1)).toList();
            assertThat(found)
                    .as("the name of the Java module in %s: a descriptor, or Automatic-Module-Name", pom)
                    .hasSize(1);
            named.put(text(parse(pom), "artifactId"), found.getFirst());
        }
        assertThat(named.values()).doesNotHaveDuplicates();
        assertThat(ROW.matcher(Files.readString(ROOT.resolve("docs/modules.md")))
                        .results()
                        .collect(Collectors.toMap(row -> row.group(1), row -> row.group(2))))
                .as("the table of docs/modules.md")
                .isEqualTo(named);
    }
}
