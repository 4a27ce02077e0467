package io.heliodor.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.event.Empty;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.loader.tools.Library;
import org.springframework.boot.loader.tools.LibraryScope;
import org.springframework.boot.loader.tools.Repackager;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** An application in an executable jar, with the manifest of the guide. */
class JarTests {
    @TempDir
    private Path folder;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        @Bean
        @ChannelMapping("room:*")
        Channel<Object, Empty> room() {
            return ServingTests.room();
        }

        public static void main(String[] arguments) {
            SpringApplication application = new SpringApplication(Application.class);
            application.setWebApplicationType(WebApplicationType.NONE);
            System.exit(SpringApplication.exit(application.run(arguments)));
        }
    }

    private static Stream<File> classPath() {
        String path = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Stream.of(path.split(File.pathSeparator)).map(File::new);
    }

    /** The classes of the tests as the jar of a project, with the manifest of the guide. */
    private Path project() throws Exception {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Enable-Native-Access", "ALL-UNNAMED");
        Path jar = folder.resolve("project.jar");
        try (JarOutputStream entries = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            add(tests(), entries);
        }
        return jar;
    }

    private static Path tests() throws URISyntaxException {
        return Path.of(JarTests.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    /** The libraries without DevTools, as the plugin of Boot takes them. A build without packages has folders in place of some jars. */
    private List<Path> libraries() throws Exception {
        List<Path> jars = new ArrayList<>();
        for (Path library : classPath()
                .filter(file -> file.exists() && !file.getName().contains("devtools"))
                .map(File::toPath)
                .toList()) {
            if (Files.isRegularFile(library)) {
                jars.add(library);
            } else if (!library.equals(tests())) {
                Path jar = folder.resolve("library-" + jars.size() + ".jar");
                try (JarOutputStream entries = new JarOutputStream(Files.newOutputStream(jar))) {
                    add(library, entries);
                }
                jars.add(jar);
            }
        }
        return jars;
    }

    private static void add(Path classes, JarOutputStream entries) throws IOException {
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = classes.relativize(file).toString();
                if (!name.startsWith("META-INF/MANIFEST")) {
                    entries.putNextEntry(new ZipEntry(name));
                    Files.copy(file, entries);
                    entries.closeEntry();
                }
            }
        }
    }

    @Test
    void itStartsWithoutAWarningOfTheJvm() throws Exception {
        Path jar = folder.resolve("application.jar");
        List<Path> libraries = libraries();
        Repackager repackager = new Repackager(project().toFile());
        repackager.setMainClass(Application.class.getName());
        repackager.repackage(jar.toFile(), callback -> {
            for (Path library : libraries) {
                callback.library(new Library(library.toFile(), LibraryScope.RUNTIME));
            }
        });
        Path output = folder.resolve("output");
        Path errors = folder.resolve("errors");
        Process process = new ProcessBuilder(List.of(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-jar",
                        jar.toString(),
                        "--heliodor.port=0",
                        "--heliodor.host=127.0.0.1",
                        "--heliodor.security=open"))
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
        assertThat(process.waitFor()).as(Files.readString(output)).isZero();
        assertThat(Files.readString(output)).contains("The endpoint listens on http://127.0.0.1:");
        assertThat(Files.readString(errors)).isEmpty();
    }
}
