package io.heliodor.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibraryVersionsTests {
    private static final Map<String, String> NO_MODULE = Map.of();

    @TempDir
    private Path folder;

    private static LibraryVersions netty(Map<String, String> modules) {
        return new LibraryVersions(modules, NO_MODULE);
    }

    private static LibraryVersions jackson(String databind, String annotations) {
        return new LibraryVersions(
                NO_MODULE,
                Map.of("jackson-core", databind, "jackson-databind", databind, "jackson-annotations", annotations));
    }

    @Test
    void thoseOfTheTestsAreRead() {
        LibraryVersions here = LibraryVersions.of(getClass().getClassLoader());
        assertThat(here.netty()).containsKeys("netty-common", "netty-codec-http", "netty-transport-classes-io_uring");
        assertThat(here.jackson()).containsOnlyKeys("jackson-core", "jackson-databind", "jackson-annotations");
        assertThat(here.unsupported()).isEmpty();
        assertThat(here.mixed()).isEmpty();
    }

    @Test
    void anOldNettyIsRefusedWithTheLinesToWrite() {
        String tested = LibraryVersions.of(getClass().getClassLoader()).netty().get("netty-common");
        assertThat(netty(Map.of(
                                "netty-common", "4.1.133.Final",
                                "netty-buffer", "4.1.133.Final",
                                "netty-transport-classes-io_uring", "4.2.18.Final"))
                        .unsupported())
                .contains("Heliodor needs Netty 4.2, and the class path has 4.1.133.Final (netty-buffer, netty-common);"
                        + " set the property <netty.version>" + tested
                        + "</netty.version> with the parent of Spring Boot,"
                        + " or import the BOM io.netty:netty-bom:" + tested
                        + " before all others, as Quarkus needs it.");
    }

    @Test
    void eachNettySinceTheOldestIsSupported() {
        assertThat(netty(Map.of("netty-common", "4.2.0.Final")).unsupported()).isEmpty();
        assertThat(netty(Map.of("netty-common", "4.2.18.Final")).unsupported()).isEmpty();
        assertThat(netty(Map.of("netty-common", "4.10.1.Final")).unsupported()).isEmpty();
    }

    @Test
    void aMixOfNettyIsReported() {
        LibraryVersions versions = netty(Map.of("netty-common", "4.2.18.Final", "netty-buffer", "4.2.15.Final"));
        assertThat(versions.unsupported()).isEmpty();
        assertThat(versions.mixed().orElseThrow())
                .startsWith("The class path mixes versions of Netty, which may fail at any time:"
                        + " 4.2.15.Final (netty-buffer) and 4.2.18.Final (netty-common); set the property");
    }

    @Test
    void modulesThatNoEndpointUsesDoNotCount() throws Exception {
        has("mqtt", "io/netty/util/Version.class");
        states(
                "mqtt",
                "netty-codec-mqtt.version=4.1.133.Final\nnetty-incubator-codec-classes-quic.version=0.0.75.Final\n");
        try (URLClassLoader loader = loader("mqtt")) {
            assertThat(LibraryVersions.of(loader).netty()).isEmpty();
        }
    }

    /** As {@code grpc-netty-shaded}, which has the classes in packages of its own. */
    @Test
    void aCopyOfNettyInOtherPackagesDoesNotCount() throws Exception {
        states("copy", "netty-common.version=4.1.133.Final\n");
        has("copy", "io/grpc/netty/shaded/io/netty/util/Version.class");
        states("netty", "netty-common.version=4.2.18.Final\n");
        has("netty", "io/netty/util/Version.class");
        try (URLClassLoader loader = loader("copy", "netty")) {
            assertThat(LibraryVersions.of(loader).netty()).isEqualTo(Map.of("netty-common", "4.2.18.Final"));
        }
    }

    @Test
    void annotationsThatAreTooOldForJacksonAreRefused() {
        assertThat(jackson("3.2.4", "2.21").unsupported())
                .contains("jackson-databind 3.2.4 needs jackson-annotations 2.22, and the class path has 2.21;"
                        + " import the BOM tools.jackson:jackson-bom:3.2.4 before all others,"
                        + " as Quarkus and Micronaut need it.");
        assertThat(jackson("3.2.4", "2.22").unsupported()).isEmpty();
        assertThat(jackson("3.1.7", "2.21.1").unsupported()).isEmpty();
        assertThat(jackson("3.0.0", "2.20").unsupported()).isEmpty();
        assertThat(jackson("3.0.0", "3.0-rc5").unsupported()).isEmpty();
    }

    @Test
    void aMixOfJacksonIsReported() {
        LibraryVersions versions =
                new LibraryVersions(NO_MODULE, Map.of("jackson-core", "3.1.7", "jackson-databind", "3.2.4"));
        assertThat(versions.mixed().orElseThrow())
                .startsWith("The class path mixes versions of Jackson")
                .contains("3.1.7 (jackson-core) and 3.2.4 (jackson-databind)");
    }

    @Test
    void versionsThatAreNotStatedOrNoNumbersPass() throws Exception {
        assertThat(netty(Map.of("netty-common", "SNAPSHOT")).unsupported()).isEmpty();
        assertThat(jackson("3", "2").unsupported()).isEmpty();
        try (URLClassLoader loader = loader()) {
            LibraryVersions unknown = LibraryVersions.of(loader);
            assertThat(unknown).isEqualTo(new LibraryVersions(NO_MODULE, NO_MODULE));
            assertThat(unknown.unsupported()).isEmpty();
            assertThat(unknown.mixed()).isEmpty();
        }
    }

    @Test
    void ofAModuleThatIsThereTwiceTheFirstCounts() throws Exception {
        states("first", "netty-common.version=4.2.18.Final\nnetty-common.buildDate=2026\n");
        has("first", "io/netty/util/Version.class");
        has("second", "io/netty/util/Version.class");
        states("second", "netty-common.version=4.1.133.Final\nnetty-tcnative-classes.version=2.0.74.Final\n");
        try (URLClassLoader loader = loader("first", "second")) {
            assertThat(LibraryVersions.of(loader).netty()).isEqualTo(Map.of("netty-common", "4.2.18.Final"));
        }
    }

    private void states(String jar, String versions) throws IOException {
        Path metadata = Files.createDirectories(folder.resolve(jar).resolve("META-INF"));
        Files.writeString(metadata.resolve("io.netty.versions.properties"), versions);
    }

    private void has(String jar, String resource) throws IOException {
        Path file = folder.resolve(jar).resolve(resource);
        Files.createDirectories(file.getParent());
        Files.createFile(file);
    }

    private URLClassLoader loader(String... jars) throws IOException {
        URL[] urls = new URL[jars.length];
        for (int i = 0; i < jars.length; i++) {
            urls[i] = folder.resolve(jars[i]).toUri().toURL();
        }
        return new URLClassLoader(urls, null);
    }
}
