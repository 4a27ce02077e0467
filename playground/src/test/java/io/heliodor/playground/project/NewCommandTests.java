package io.heliodor.playground.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The files of each combination of template and options, and the folders that are refused. */
class NewCommandTests {
    private static final Path CLONE = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    private Path folder;

    private record Ended(int status, String output) {}

    private static Ended run(List<String> arguments) {
        StringWriter output = new StringWriter();
        PrintWriter writer = new PrintWriter(output, true);
        int status = new CommandLine(new NewCommand())
                .setOut(writer)
                .setParameterExceptionHandler((e, _) -> {
                    writer.println(e.getMessage());
                    return CommandLine.ExitCode.USAGE;
                })
                .setExecutionExceptionHandler((e, _, _) -> {
                    writer.println(e.getMessage());
                    return CommandLine.ExitCode.SOFTWARE;
                })
                .execute(Stream.concat(Stream.of("--clone", CLONE.toString()), arguments.stream())
                        .toArray(String[]::new));
        return new Ended(status, output.toString());
    }

    static List<List<String>> combinations() {
        List<List<String>> all = new ArrayList<>();
        for (String template : List.of("chat", "board")) {
            for (int options = 0; options < 8; options++) {
                List<String> combination = new ArrayList<>(List.of(template));
                for (int i = 0; i < 3; i++) {
                    if ((options >> i & 1) == 1) {
                        combination.add(
                                List.of("--spring", "--kotlin", "--react").get(i));
                    }
                }
                all.add(combination);
            }
        }
        return all;
    }

    private Map<String, String> files(Path of) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(of)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(of.relativize(file).toString(), Files.readString(file));
            }
        }
        return files;
    }

    @ParameterizedTest
    @MethodSource("combinations")
    void theFilesHaveTheNameAndThePackageOfTheProject(List<String> combination) throws IOException {
        Path project = folder.resolve("team-talk");
        List<String> arguments = new ArrayList<>(combination);
        arguments.addAll(List.of(project.toString(), "--package", "org.acme.talk"));
        Ended ended = run(arguments);
        assertThat(ended.status()).as(ended.output()).isZero();

        boolean spring = combination.contains("--spring");
        boolean kotlin = combination.contains("--kotlin");
        boolean react = combination.contains("--react");
        String template = combination.getFirst();
        String subject = template.equals("chat") ? "Chat" : "Board";
        String language = kotlin ? "kotlin" : "java";
        String main = subject + (spring ? "Application" : "Server");
        String classes = "src/main/" + language + "/org/acme/talk/";
        String ending = kotlin ? ".kt" : ".java";
        List<String> expected = new ArrayList<>(List.of(
                ".gitignore",
                ".mvn/jvm.config",
                "README.md",
                "pom.xml",
                classes + subject + ending,
                classes + main + ending,
                "src/test/" + language + "/org/acme/talk/" + subject + "Tests" + ending,
                "types/" + template + ".ts"));
        if (spring) {
            expected.add("src/main/resources/application.properties");
        }
        if (react) {
            expected.addAll(List.of(
                    "package.json",
                    "page/index.html",
                    "page/text-form.tsx",
                    "page/" + template + ".css",
                    "page/" + template + ".tsx",
                    "tsconfig.json",
                    "vite.config.js"));
            try (Stream<Path> client = Files.list(CLONE.resolve("npm/client"))) {
                client.forEach(file -> expected.add("vendor/heliodor-client/" + file.getFileName()));
            }
        } else {
            String web = spring ? "src/main/resources/static/" : "web/";
            expected.addAll(List.of(
                    "jsconfig.json",
                    "types/heliodor.d.mts",
                    "types/phoenix.d.ts",
                    web + "index.html",
                    web + "phoenix.mjs",
                    web + template + ".css",
                    web + template + ".mjs"));
        }
        Map<String, String> files = files(project);
        assertThat(files.keySet()).containsExactlyInAnyOrderElementsOf(expected);
        files.forEach((path, text) -> assertThat(text)
                .as(path)
                .isNotBlank()
                .doesNotContain("com.example", "@react", "@end", "heliodor-templates")
                .endsWith("\n"));
        assertThat(files.get("pom.xml"))
                .contains("<groupId>org.acme</groupId>", "<artifactId>team-talk</artifactId>")
                .doesNotContain("<artifactId>chat</artifactId>");
        assertThat(files.get("README.md")).startsWith("# team-talk\n");
        if (!spring) {
            assertThat(files.get("pom.xml"))
                    .contains("<mainClass>org.acme.talk." + main + (kotlin ? "Kt" : "") + "</mainClass>");
        }
        assertThat(ended.output())
                .isEqualTo("Wrote %d files. In %s:%n%n  mvn test%n  %s%n%nThen open %s in two windows.%n"
                        .formatted(
                                files.size(),
                                project,
                                spring ? "mvn spring-boot:run" : "mvn -q compile exec:java",
                                spring ? "http://localhost:8080" : "http://127.0.0.1:4000"));
    }

    @Test
    void theJdkIsPrintedIfMavenWouldRunWithAnOlderOne() {
        Ended ended = run(
                List.of("--java", "/opt/jdk-25", "chat", folder.resolve("chat").toString()));
        assertThat(ended.output()).contains(":\n\n  export JAVA_HOME=/opt/jdk-25\n  mvn test\n");
    }

    @Test
    void anEmptyFolderIsTaken() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("my-chat"));
        assertThat(run(List.of("chat", empty.toString())).status()).isZero();
        assertThat(files(empty)).containsKey("src/main/java/com/example/mychat/Chat.java");
    }

    @Test
    void theNameMayDifferFromThatOfTheFolder() throws IOException {
        Path project = folder.resolve("My Chat");
        assertThat(run(List.of("chat", project.toString(), "--name", "my-chat")).status())
                .isZero();
        assertThat(files(project).get("pom.xml")).contains("<artifactId>my-chat</artifactId>");
    }

    @ParameterizedTest
    @ValueSource(strings = {"notes.txt", ".git"})
    void aFolderThatIsNotEmptyIsRefusedAndStaysAsItIs(String content) throws IOException {
        Path used = Files.createDirectory(folder.resolve("chat"));
        Files.writeString(used.resolve(content), "mine");
        Ended ended = run(List.of("chat", used.toString()));
        assertThat(ended.status()).isEqualTo(2);
        assertThat(ended.output())
                .isEqualTo("The folder " + used + " is not empty; name a new one, such as new chat my-chat\n");
        assertThat(files(used)).isEqualTo(Map.of(content, "mine"));
    }

    @Test
    void aFileIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("chat"), "mine");
        assertThat(run(List.of("chat", file.toString())))
                .isEqualTo(new Ended(2, file + " is a file; name a folder, such as new chat my-chat\n"));
        assertThat(file).hasContent("mine");
    }

    @Test
    void afterAFailureTheFolderIsAsItWas() throws Exception {
        NewProject created = NewProject.of("chat", folder.resolve("a/chat"), false, false, false, null, null, CLONE);
        Map<String, String> files = new TreeMap<>(Map.of("a", "first", "b/c", "second", "a/d", "in a file"));
        assertThat(write(created, files))
                .startsWith("The project could not be written, and nothing has been changed: ");
        assertThat(folder).isEmptyDirectory();
    }

    private static String write(NewProject created, Map<String, String> files) {
        try {
            created.write(files);
            return "written";
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void aProjectWithoutAFolderIsWrittenNextToTheCloneIfTheUserIsThere() throws Exception {
        assertThat(NewProject.of("board", null, false, false, false, null, null, CLONE)
                        .folder())
                .isEqualTo(CLONE.resolveSibling("board"));
        Path elsewhere = Path.of("/elsewhere/heliodor");
        assertThat(NewProject.of("board", null, false, false, false, null, null, elsewhere)
                        .folder())
                .isEqualTo(Path.of("board").toAbsolutePath());
    }

    /** A version in a pom of a template, and its property in that of the build. */
    @Test
    void theVersionsAreThoseOfTheBuild() throws IOException {
        String build = Files.readString(CLONE.resolve("pom.xml"));
        Map<String, String> properties = Map.of(
                "slf4j-simple", "slf4j.version",
                "junit-jupiter", "junit.version",
                "assertj-core", "assertj.version",
                "spring-boot-starter-parent", "spring-boot.version",
                "kotlin-maven-plugin", "kotlin.version");
        try (Stream<Path> poms = Files.list(CLONE.resolve("templates/pom"))) {
            poms.forEach(pom -> {
                String text = read(pom);
                assertThat(first(text, "<heliodor.version>(.*?)<"))
                        .isEqualTo(first(build, "<artifactId>heliodor-bom</artifactId>\\s*<version>(.*?)<"));
                for (String property : List.of("netty.version", "kotlin.version")) {
                    Pattern version = Pattern.compile("<" + property + ">(.*?)<");
                    version.matcher(text)
                            .results()
                            .forEach(found -> assertThat(found.group(1)).isEqualTo(first(build, version.pattern())));
                }
                Pattern artifact = Pattern.compile("<artifactId>([\\w-]+)</artifactId>\\s*<version>([\\d][^<]*)<");
                artifact.matcher(text)
                        .results()
                        .filter(found -> !found.group(1).equals("chat"))
                        .forEach(found -> {
                            String property = properties.get(found.group(1));
                            String pattern = property == null
                                    ? "<artifactId>" + found.group(1) + "</artifactId>\\s*<version>(.*?)<"
                                    : "<" + property + ">(.*?)<";
                            assertThat(found.group(2)).as(found.group(1)).isEqualTo(first(build, pattern));
                        });
            });
        }
    }

    @Test
    void theTypesOfBothLanguagesAreTheSame() throws IOException {
        for (String types : List.of("chat.ts", "board.ts")) {
            assertThat(CLONE.resolve("templates/kotlin/types").resolve(types))
                    .hasSameTextualContentAs(
                            CLONE.resolve("templates/java/types").resolve(types));
        }
    }

    private static String first(String text, String pattern) {
        Matcher found = Pattern.compile(pattern).matcher(text);
        assertThat(found.find()).as(pattern).isTrue();
        return found.group(1);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
