package io.heliodor.interop.frameworks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.endpoint.Transport;
import io.heliodor.interop.hosts.Certificate;
import io.heliodor.interop.hosts.Programs;
import io.heliodor.interop.hosts.Programs.Ended;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Projects of users in {@code interop/frameworks} run with the versions that their frameworks manage. Maven resolves their class
 * paths; the classes of Heliodor are those of the build that runs the tests. {@code docs/supported-versions.md} has the table.
 */
@Tag("long")
class FrameworkVersionsIT {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path PROJECTS = ROOT.resolve("interop/frameworks");
    private static final Duration DEADLINE = Duration.ofMinutes(5);
    private static final String RESOLVE = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath";
    private static final String CLASS_PATH = "target/class-path.txt";
    private static final List<String> MODULES =
            List.of("contract", "pubsub", "presence", "channels", "endpoint", "cluster", "micrometer");

    @TempDir
    private static Path folder;

    private static Path certificate;

    @BeforeAll
    static void resolve() throws IOException, GeneralSecurityException {
        certificate = Certificate.in(folder).store();
        String projects;
        try (Stream<Path> all = Files.list(PROJECTS)) {
            projects = all.map(project -> ROOT.relativize(project).toString()).collect(joining(","));
        }
        // Nothing is compiled: the modules of Heliodor are there for their dependencies.
        Programs.run(
                DEADLINE,
                Path.of(System.getProperty("maven.home"), "bin", "mvn").toString(),
                "-B",
                "-q",
                "-ntp",
                "-f",
                ROOT.toString(),
                "-P",
                "frameworks",
                "-D",
                "quick",
                "-D",
                "maven.main.skip",
                "-pl",
                projects,
                "-am",
                "process-classes",
                RESOLVE,
                "-D",
                "mdep.outputFile=" + CLASS_PATH,
                "-D",
                "mdep.includeScope=runtime");
    }

    /** The class path of a project, with the checked classes of this build. */
    private static List<String> classPath(String project) throws IOException {
        String resolved = Files.readString(PROJECTS.resolve(project).resolve(CLASS_PATH));
        return Stream.of(resolved.strip().split(File.pathSeparator))
                .map(entry ->
                        entry.endsWith("/target/quick/classes") ? entry.replace("/target/quick/", "/target/") : entry)
                .toList();
    }

    private static Ended start(List<String> classPath, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                Path.of("target/test-classes").toAbsolutePath()
                        + File.pathSeparator
                        + String.join(File.pathSeparator, classPath),
                FrameworkProgram.class.getName()));
        command.addAll(arguments);
        return Programs.attempt(DEADLINE, command.toArray(String[]::new));
    }

    /** Those that work on this machine with the Netty of this build. */
    private static List<String> transports() {
        return Arrays.stream(Transport.values())
                .filter(transport -> {
                    try (Endpoint _ = Endpoint.builder().transport(transport).build()) {
                        return true;
                    } catch (UnsupportedOperationException e) {
                        return false;
                    }
                })
                .map(Transport::name)
                .toList();
    }

    @ParameterizedTest
    @CsvSource({
        "oldest, 4.2.0.Final, 3.0.0, 2.20, 1.15.0, 2.0.0",
        "spring-boot-4.0, 4.2.15.Final, 3.1.4, 2.21, 1.16.6, 2.0.18",
        "spring-boot-4.1, 4.2.19.Final, 3.1.7, 2.21, 1.17.2, 2.0.20",
        "spring-boot-4.1-netty, 4.2.18.Final, 3.1.7, 2.21, 1.17.2, 2.0.20",
        "micronaut, 4.2.9.Final, 3.2.4, 2.22, 1.15.4, 2.0.17",
        "quarkus, 4.2.18.Final, 3.2.4, 2.22, 1.16.3, 2.0.17",
    })
    void clientsAreServedOverEachTransport(
            String project, String netty, String jackson, String annotations, String micrometer, String slf4j)
            throws IOException {
        List<String> classPath = classPath(project);
        assertThat(classPath.stream().map(jar -> Path.of(jar).getFileName().toString()))
                .contains(
                        "netty-common-" + netty + ".jar",
                        "netty-codec-http-" + netty + ".jar",
                        "netty-transport-classes-io_uring-" + netty + ".jar",
                        "jackson-databind-" + jackson + ".jar",
                        "jackson-annotations-" + annotations + ".jar",
                        "micrometer-core-" + micrometer + ".jar",
                        "slf4j-api-" + slf4j + ".jar");
        assertThat(Files.readString(ROOT.resolve("docs/supported-versions.md")))
                .contains(netty, jackson, annotations, micrometer, slf4j);
        boolean natives = classPath.stream().anyMatch(jar -> jar.contains("netty-transport-native-epoll"));
        List<String> transports = natives ? transports() : List.of("NIO");

        List<String> arguments = new ArrayList<>(List.of(certificate.toString()));
        arguments.addAll(transports);
        Ended program = start(classPath, arguments);

        // Old releases of Netty, such as 4.2.9, leave their buffers to the JVM, unless it is started with the flag that
        // is named.
        assertThat(program.output().lines().filter(line -> !line.contains("The JVM allocates the buffers of Netty.")))
                .noneMatch(line -> line.contains(" ERROR ") || line.contains(" WARN "));
        for (String transport : transports) {
            assertThat(program.output()).contains(transport + ": served", transport + " with TLS: served");
        }
        assertThat(program.status()).as(program.output()).isZero();
    }

    @Test
    void theNettyOfQuarkusIsRefusedWithTheLineToWrite() throws IOException {
        Ended program = start(classPath("quarkus-unchanged"), List.of(certificate.toString(), "NIO"));
        assertThat(program.status()).isEqualTo(1);
        assertThat(program.output())
                .contains("IllegalStateException: Heliodor needs Netty 4.2, and the class path has 4.1.133.Final")
                .contains("import the BOM io.netty:netty-bom:4.2.", " before all others")
                .doesNotContain("NoClassDefFoundError");
    }

    @Test
    void aNodeNeedsNoNetty() throws IOException {
        List<String> withoutNetty = classPath("oldest").stream()
                .filter(entry -> !entry.contains("netty") && !entry.endsWith("/endpoint/target/classes"))
                .toList();
        Ended program = start(withoutNetty, List.of(FrameworkProgram.NODE));
        assertThat(program.output()).contains("of a node");
        assertThat(program.status()).as(program.output()).isZero();
    }

    /** A method that is newer than the oldest supported versions is an error here. */
    @Test
    void theSourcesCompileWithTheOldestVersions() throws IOException {
        String libraries = classPath("oldest").stream()
                .filter(entry -> !entry.endsWith("/target/classes"))
                .collect(joining(File.pathSeparator));
        List<String> arguments = new ArrayList<>(
                List.of("-proc:none", "-nowarn", "-Xlint:none", "-d", folder.toString(), "-p", libraries));
        for (String module : MODULES) {
            arguments.add("--module-source-path");
            arguments.add("io.heliodor." + module + "=" + ROOT.resolve(module).resolve("src/main/java"));
        }
        arguments.add("--module");
        arguments.add(MODULES.stream().map(module -> "io.heliodor." + module).collect(joining(",")));
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        int status = ToolProvider.getSystemJavaCompiler().run(null, output, output, arguments.toArray(String[]::new));
        assertThat(status).as(output.toString(UTF_8)).isZero();
    }
}
