package io.heliodor.interop.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.interop.hosts.Programs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher's cache for fast starts, with a small program in the place of the server and another one in that of its load. */
@Tag("long")
@Timeout(600)
class StartCacheIT {
    private static final Duration DEADLINE = Duration.ofMinutes(2);

    /** Prints its arguments and its class path; runs on if it is trained. One port is refused. */
    private static final String SERVER = """
            package io.heliodor.playground;
            public class Playground {
                public static void main(String[] arguments) throws Exception {
                    String all = String.join(" ", arguments);
                    if (all.contains("--port 99999")) {
                        System.err.println("99999 is not a port");
                        System.exit(2);
                    }
                    if (arguments[0].equals("check")) {
                        return;
                    }
                    boolean trained = arguments[0].equals("train");
                    System.out.println(trained ? "listening on http://a,http://b" : "serves " + all);
                    System.err.print(System.getenv("HELIODOR_CACHE") + "\\n");
                    System.out.println(other.Library.NAME + System.getProperty("java.class.path"));
                    if (trained) {
                        Thread.currentThread().join(); // until SIGTERM
                    }
                }
            }
            """;

    private static final String LIBRARY = """
            package other;
            public class Library {
                public static final String NAME = new String("from ");
            }
            """;

    private static final String LOAD = """
            package io.heliodor.benchmarks;
            public class Bench {
                public static void main(String[] arguments) {
                    System.out.println("loaded by " + arguments[0] + " " + arguments[2]);
                    System.exit(Integer.parseInt(System.getenv().getOrDefault("STATUS", "0")));
                }
            }
            """;

    private static final String MAKING = "heliodor: making the cache for fast starts, once after each build";

    @TempDir
    private Path folder;

    private Path start;

    @BeforeEach
    void project() throws IOException {
        Path launcher = folder.resolve("heliodor");
        Files.copy(Path.of("../heliodor"), launcher);
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
        Path library = folder.resolve("a library/classes");
        compile(library, "other/Library.java", LIBRARY);
        Path server = folder.resolve("playground/target/quick");
        compile(server.resolve("classes"), "io/heliodor/playground/Playground.java", SERVER, "-cp", library.toString());
        Files.writeString(server.resolve("classpath.txt"), library.toString());
        Path load = folder.resolve("benchmarks/target/quick");
        compile(load.resolve("classes"), "io/heliodor/benchmarks/Bench.java", LOAD);
        Files.writeString(load.resolve("classpath.txt"), "");
        Files.createDirectories(folder.resolve(".build"));
        start = folder.resolve(".build/start");
        built(Instant.now().minusSeconds(60));
    }

    private void compile(Path classes, String file, String source, String... options) throws IOException {
        Path path = folder.resolve("sources").resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, source);
        Files.createDirectories(classes);
        List<String> arguments = new ArrayList<>(List.of("-d", classes.toString()));
        arguments.addAll(List.of(options));
        arguments.add(path.toString());
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new)))
                .isZero();
    }

    private void built(Instant when) throws IOException {
        Path mark = folder.resolve(".build/built");
        Files.writeString(mark, "");
        Files.setLastModifiedTime(mark, FileTime.from(when));
    }

    /** The lines of a command: those of standard error first. */
    private List<String> lines(String settings, String command) {
        Programs.Ended ended = attempt(settings, command);
        assertThat(ended.status()).as(ended.output()).isZero();
        return ended.output().lines().toList();
    }

    private Programs.Ended attempt(String settings, String command) {
        return Programs.attempt(
                DEADLINE,
                "sh",
                "-c",
                "cd '" + folder + "' && unset HELIODOR_JAVA_OPTS HELIODOR_START_CACHE && export HELIODOR_BUILD=done"
                        + " HELIODOR_JAVA='" + System.getProperty("java.home") + "' " + settings
                        + " && ./heliodor " + command + " 2>err >out; status=$?; cat err out; exit $status");
    }

    private String used() {
        return "starts with the cache " + start.resolve("aot");
    }

    private String fromJars() {
        return "from " + start.resolve("jars/1.jar") + ":" + start.resolve("jars/2.jar");
    }

    private String fromFolders() {
        return "from " + folder.resolve("playground/target/quick/classes") + ":" + folder.resolve("a library/classes");
    }

    @Test
    void theFirstStartAfterABuildMakesTheCache() throws IOException {
        assertThat(lines("", "serve --port 1")).containsExactly(MAKING, used(), "serves serve --port 1", fromJars());
        assertThat(start.resolve("log"))
                .content()
                .contains("loaded by fanout http://a,http://b", "loaded by echo http://a");
        assertThat(lines("", "demo")).containsExactly(used(), "serves demo", fromJars());
        built(Instant.now().plusSeconds(1));
        assertThat(lines("", "serve")).startsWith(MAKING, used());
        Path more = folder.resolve("benchmarks/target/quick/classes");
        Path classpath = folder.resolve("playground/target/quick/classpath.txt");
        Files.writeString(classpath, Files.readString(classpath) + ":" + more);
        assertThat(lines("", "serve")).as("with another class path").startsWith(MAKING, used());
    }

    @Test
    void anOptionThatIsWrongDoesNotWaitForTheTraining() {
        assertThat(attempt("", "serve --port 99999")).isEqualTo(new Programs.Ended(2, "99999 is not a port\n"));
        assertThat(start.resolve("key")).doesNotExist();
    }

    @Test
    void aNodeUsesTheCacheAndMakesNone() {
        assertThat(lines("", "node --name a@b")).containsExactly("", "serves node --name a@b", fromFolders());
        assertThat(start.resolve("key")).doesNotExist();
        assertThat(lines("", "serve")).startsWith(MAKING, used());
        assertThat(lines("", "node --name a@b")).containsExactly(used(), "serves node --name a@b", fromJars());
    }

    @Test
    void aCacheThatCannotBeMadeIsReportedAndNotTriedAgain() {
        String without = "starts without a cache; the reason is in " + start.resolve("log");
        assertThat(lines("STATUS=3", "serve")).containsExactly(MAKING, without, "serves serve", fromFolders());
        assertThat(lines("", "serve")).containsExactly(without, "serves serve", fromFolders());
    }

    @Test
    void aCacheThatIsDamagedIsReportedAndTheServerStarts() throws IOException {
        assertThat(lines("", "serve")).contains(used());
        Files.writeString(start.resolve("aot"), "damaged");
        assertThat(lines("", "serve")).first().asString().contains("[warning]");
        assertThat(lines("", "serve")).endsWith(used(), "serves serve", fromJars());
    }

    @Test
    void helpAndOptionsOfTheJvmMakeNoCache() {
        assertThat(lines("", "serve --help")).containsExactly("", "serves serve --help", fromFolders());
        assertThat(lines("HELIODOR_START_CACHE=no", "serve")).containsExactly("", "serves serve", fromFolders());
        assertThat(lines("HELIODOR_JAVA_OPTS=-Dany=1", "serve"))
                .containsExactly(
                        "starts without a cache, since HELIODOR_JAVA_OPTS is set", "serves serve", fromFolders());
        assertThat(start).doesNotExist();
    }

    @Test
    void theServersOfTestsHaveACacheOfTheirOwn() throws IOException {
        Path target = folder.resolve("playground/target");
        for (String name : List.of("classes", "classpath.txt")) {
            Files.move(target.resolve("quick").resolve(name), target.resolve(name));
        }
        start = folder.resolve("of tests");
        String settings = "HELIODOR_BUILD=no HELIODOR_START_CACHE='" + start + "'";
        Path library = folder.resolve("a library/classes");
        assertThat(lines(settings, "serve"))
                .containsExactly("", "serves serve", "from " + target.resolve("classes") + ":" + library);

        assertThat(lines(settings, "train")).isEmpty();
        FileTime made = Files.getLastModifiedTime(start.resolve("aot"));
        assertThat(lines(settings + " HELIODOR_JAVA_OPTS=-Dany=1", "serve"))
                .containsExactly("", "serves serve", fromJars());
        assertThat(lines(settings, "train")).isEmpty();
        assertThat(Files.getLastModifiedTime(start.resolve("aot"))).isEqualTo(made);

        Files.setLastModifiedTime(
                library.resolve("other/Library.class"),
                FileTime.from(Instant.now().plusSeconds(60)));
        assertThat(lines(settings, "train")).isEmpty();
        assertThat(Files.getLastModifiedTime(start.resolve("aot"))).isGreaterThan(made);
    }

    @Test
    void aFolderThatIsReadOnlyHasItsCacheElsewhere() throws IOException {
        Files.writeString(start, "no folder");
        Path caches = folder.resolve("caches");
        assertThat(lines("XDG_CACHE_HOME=" + caches, "serve"))
                .startsWith(MAKING)
                .anyMatch(line -> line.startsWith("starts with the cache " + caches.resolve("heliodor")));
        Files.writeString(folder.resolve("none"), "no folder");
        assertThat(lines("XDG_CACHE_HOME=" + folder.resolve("none"), "serve"))
                .first()
                .asString()
                .startsWith("starts without a cache, since neither ")
                .endsWith(" can be written");
    }
}
