package io.heliodor.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * {@code docs/dependencies.md} lists what each published artifact brings: the dependencies in its pom, and the libraries that come
 * with them, by the poms of the jars on the class path of this module.
 */
class DependenciesTests {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** Boot's libraries have the versions of the application, and are not on the class path here. */
    private static final String SPRING = "heliodor-spring-boot";

    private static final Pattern JAR = Pattern.compile("(.*)/([^/]+)/([^/]+)/\\2-\\3(?:-[^/]*)?\\.jar");

    /** The pom of each artifact whose jar is on the class path, by the name of the artifact. */
    private static final Map<String, Path> POMS = new HashMap<>();

    /** The jars of each artifact: more than one if it has classifiers. */
    private static final Map<String, Set<Path>> JARS = new HashMap<>();

    private static final Path CHECKSUMS = ROOT.resolve("docs/checksums.txt");

    /**
     * A dependency in a pom.
     *
     * @param alone whether its own dependencies are excluded
     */
    private record Dependency(String artifact, String scope, boolean optional, boolean alone) {
        boolean isBrought() {
            return !scope.equals("test") && !scope.equals("provided");
        }

        @Override
        public String toString() {
            return "`" + artifact + "`" + (optional ? " (optional)" : "");
        }
    }

    @BeforeAll
    static void findPoms() {
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Matcher jar = JAR.matcher(entry);
            if (jar.matches()) {
                String name = jar.group(2);
                POMS.putIfAbsent(name, Path.of(entry).resolveSibling(name + "-" + jar.group(3) + ".pom"));
                JARS.computeIfAbsent(name, _ -> new TreeSet<>()).add(Path.of(entry));
            }
        }
    }

    /** The poms of the modules that the build deploys. */
    static List<Path> published() throws Exception {
        List<Path> poms = new ArrayList<>();
        for (Element module :
                children(child(parse(ROOT.resolve("pom.xml")), "modules").orElseThrow(), "module")) {
            Path pom = ROOT.resolve(module.getTextContent()).resolve("pom.xml");
            boolean skipped = child(parse(pom), "properties")
                    .flatMap(properties -> child(properties, "maven.deploy.skip"))
                    .isPresent();
            if (!skipped) {
                poms.add(pom);
            }
        }
        return poms;
    }

    @Test
    void eachDependencyOfAnArtifactHasARow() throws Exception {
        List<String> declared = new ArrayList<>();
        for (Path pom : published()) {
            String artifact = text(parse(pom), "artifactId");
            brought(pom)
                    .map(dependency -> "`" + artifact + "` | " + dependency)
                    .distinct()
                    .forEach(declared::add);
        }
        List<String> listed = rows("## By artifact").stream()
                .map(cells -> cells.get(0) + " | " + cells.get(1))
                .toList();
        assertThat(listed)
                .as("the rows of docs/dependencies.md, which must have those of the poms, with a reason")
                .containsExactlyInAnyOrderElementsOf(declared);
    }

    @Test
    void eachLibraryHasARowWithItsLicence() throws Exception {
        Set<String> brought = new TreeSet<>();
        for (Path pom : published()) {
            if (!text(parse(pom), "artifactId").startsWith(SPRING)) {
                collect(pom, brought);
            }
        }
        List<String> listed = rows("## Libraries").stream()
                .flatMap(cells ->
                        Pattern.compile("`([^`]+)`").matcher(cells.get(0)).results())
                .map(name -> name.group(1))
                .toList();
        assertThat(listed)
                .as(
                        "the libraries in docs/dependencies.md, which must have those of the class path, with their licences")
                .containsExactlyInAnyOrderElementsOf(brought);
    }

    /** The starters have no sources, and those of Kotlin are not Java. */
    @Test
    void theSiteHasTheJavadocOfEachArtifactInJava() throws Exception {
        Matcher listed = Pattern.compile("documented=\"([^\"]+)\"").matcher(Files.readString(ROOT.resolve("heliodor")));
        assertThat(listed.find()).isTrue();
        List<String> expected = new ArrayList<>();
        for (Path pom : published()) {
            Path sources = pom.resolveSibling("src/main/java/io");
            if (!Files.exists(sources)) {
                continue;
            }
            try (Stream<Path> files = Files.walk(sources)) {
                if (files.anyMatch(file -> file.toString().endsWith(".java"))) {
                    expected.add(ROOT.relativize(pom.getParent()).toString());
                }
            }
        }
        assertThat(listed.group(1).split("\\s+")).containsExactlyInAnyOrderElementsOf(expected);
    }

    /** The lines of {@code sha256sum}, so that the file can be checked in a local repository without this test. */
    @Test
    void eachLibraryHasTheBytesThatAreRecorded() throws Exception {
        Set<String> brought = new TreeSet<>();
        for (Path pom : published()) {
            collect(pom, brought);
        }
        List<String> lines = new ArrayList<>();
        for (String artifact : brought) {
            for (Path jar : JARS.get(artifact)) {
                byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar));
                lines.add(
                        HexFormat.of().formatHex(hash) + "  " + repository(jar).relativize(jar));
            }
        }
        if ("docs".equals(System.getProperty("heliodor.write"))) {
            Files.write(CHECKSUMS, lines);
        }
        assertThat(lines)
                .as(
                        "the libraries of the class path. If a version has changed, compare the new sums with those of another machine or of"
                                + " Maven Central, and write docs/checksums.txt with -Dheliodor.write=docs. If none has, a jar was replaced")
                .containsExactlyElementsOf(Files.readAllLines(CHECKSUMS));
    }

    private static void collect(Path pom, Set<String> found) throws Exception {
        for (Dependency dependency : brought(pom).toList()) {
            Path next = POMS.get(dependency.artifact());
            boolean heliodor = dependency.artifact().startsWith("heliodor-");
            if (!heliodor && !dependency.optional() && next != null && found.add(dependency.artifact())) {
                if (!dependency.alone()) {
                    collect(next, found);
                }
            }
        }
    }

    private static Stream<Dependency> brought(Path pom) throws Exception {
        Element project = parse(pom);
        List<Dependency> dependencies = new ArrayList<>();
        for (Element dependency : dependencies(project)) {
            String artifact = text(dependency, "artifactId");
            Optional<String> scope = child(dependency, "scope").map(Element::getTextContent);
            boolean optional = child(dependency, "optional")
                    .filter(value -> value.getTextContent().equals("true"))
                    .isPresent();
            boolean alone = child(dependency, "exclusions").stream()
                    .flatMap(exclusions -> children(exclusions, "exclusion").stream())
                    .anyMatch(exclusion -> text(exclusion, "artifactId").equals("*"));
            dependencies.add(new Dependency(
                    artifact, scope.isPresent() ? scope.get() : managedScope(pom, artifact), optional, alone));
        }
        return dependencies.stream().filter(Dependency::isBrought);
    }

    /** The scope of an artifact in the management of a pom or of its parents; compile by default. */
    private static String managedScope(Path pom, String artifact) throws Exception {
        Element project = parse(pom);
        Optional<String> scope = child(project, "dependencyManagement").stream()
                .flatMap(management -> dependencies(management).stream())
                .filter(dependency -> text(dependency, "artifactId").equals(artifact))
                .flatMap(dependency -> child(dependency, "scope").stream())
                .map(Element::getTextContent)
                .findFirst();
        Optional<Path> parent = child(project, "parent").map(named -> parent(pom, named));
        if (scope.isEmpty() && parent.isPresent() && Files.exists(parent.get())) {
            return managedScope(parent.get(), artifact);
        }
        return scope.orElse("compile");
    }

    private static Path parent(Path pom, Element named) {
        String artifact = text(named, "artifactId");
        if (pom.startsWith(ROOT)) {
            return ROOT.resolve(artifact.equals("heliodor-bom") ? "bom/pom.xml" : "pom.xml");
        }
        String group = text(named, "groupId");
        String version = text(named, "version");
        String folder = group.replace('.', '/') + "/" + artifact + "/" + version;
        return repository(pom).resolve(folder).resolve(artifact + "-" + version + ".pom");
    }

    /** The local repository that has a pom: the folders of its group are below it. */
    private static Path repository(Path pom) {
        return Stream.iterate(pom, path -> path.getParent() != null, Path::getParent)
                .filter(folder -> Files.exists(folder.resolve("org/slf4j/slf4j-api")))
                .findFirst()
                .orElseThrow();
    }

    /** The cells of the table below a heading of the page, without its head. */
    private static List<List<String>> rows(String heading) throws Exception {
        String page = Files.readString(ROOT.resolve("docs/dependencies.md"));
        String section = page.substring(page.indexOf(heading) + heading.length());
        int end = section.indexOf("\n## ");
        List<List<String>> rows = (end < 0 ? section : section.substring(0, end))
                .lines()
                .filter(line -> line.startsWith("| "))
                .map(line -> List.of(line.substring(2, line.length() - 2).split(" \\| ")))
                .skip(1)
                .toList();
        assertThat(rows)
                .allSatisfy(cells -> assertThat(cells)
                        .hasSize(3)
                        .allSatisfy(cell -> assertThat(cell).isNotBlank()));
        return rows;
    }

    static Element parse(Path pom) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(pom.toFile())
                .getDocumentElement();
    }

    static List<Element> dependencies(Element parent) {
        return child(parent, "dependencies").stream()
                .flatMap(all -> children(all, "dependency").stream())
                .toList();
    }

    static String text(Element parent, String name) {
        return child(parent, name).map(Element::getTextContent).orElseThrow();
    }

    static Optional<Element> child(Element parent, String name) {
        return children(parent, name).stream().findFirst();
    }

    static List<Element> children(Element parent, String name) {
        NodeList nodes = parent.getChildNodes();
        return IntStream.range(0, nodes.getLength())
                .mapToObj(nodes::item)
                .filter(node -> node instanceof Element && node.getNodeName().equals(name))
                .map(Element.class::cast)
                .toList();
    }
}
