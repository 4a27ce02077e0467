package io.heliodor.transport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StaticFilesTests {
    @Nested
    class InAFolder {
        @TempDir
        private Path around;

        private Path folder;
        private StaticFiles files;

        @BeforeEach
        void fill() throws IOException {
            folder = Files.createDirectory(around.resolve("public"));
            Files.writeString(around.resolve("secret.txt"), "secret");
            Files.writeString(folder.resolve("index.html"), "<p>hello");
            Files.writeString(folder.resolve(".env"), "secret");
            Files.createDirectories(folder.resolve(".git"));
            Files.writeString(folder.resolve(".git/config"), "secret");
            Files.createDirectories(folder.resolve("docs/empty"));
            Files.writeString(folder.resolve("docs/index.html"), "<p>docs");
            Files.writeString(folder.resolve("docs/a b+c.txt"), "odd");
            Files.writeString(folder.resolve("é.txt"), "accent");
            files = new StaticFiles("/", folder, new FileReads());
        }

        @ParameterizedTest
        @CsvSource({
            "/, <p>hello",
            "/index.html, <p>hello",
            "/docs/, <p>docs",
            "/docs/index.html, <p>docs",
            "/docs/a b+c.txt, odd",
            "/é.txt, accent"
        })
        void findsAFile(String path, String content) throws IOException {
            StaticFiles.Found found = files.find(path).orElseThrow();
            assertThat(found.path()).hasContent(content);
            assertThat(found.version().size()).isEqualTo(content.length());
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "/nothing",
                    "/docs",
                    "/docs/empty/",
                    "/index.html/",
                    "/index.html/x",
                    "//",
                    "//index.html",
                    "/docs//index.html",
                    "/.env",
                    "/.git/config",
                    "/docs/../index.html",
                    "/./index.html",
                    "/..",
                    "/../secret.txt",
                    "/../public/index.html",
                    "/docs/../../secret.txt",
                    "/..\\secret.txt",
                    "\\..\\secret.txt",
                    "/docs\\index.html",
                    "/index.html\0",
                    "/index.html\0.png",
                    "/...",
                    "/. /index.html"
                })
        void missingAndHiddenFilesAreNotFound(String path) throws IOException {
            assertThat(path.startsWith("/") ? files.find(path) : files.find("/" + path))
                    .isEmpty();
        }

        @Test
        void anAbsolutePathOfTheMachineIsNotFound() throws IOException {
            assertThat(files.find("/" + around.resolve("secret.txt"))).isEmpty();
        }

        @Test
        void aLinkThatLeadsOutIsNotFollowed() throws IOException {
            Files.createSymbolicLink(folder.resolve("out.txt"), around.resolve("secret.txt"));
            Files.createSymbolicLink(folder.resolve("up"), around);
            Files.createSymbolicLink(folder.resolve("in.html"), folder.resolve("index.html"));

            assertThat(files.find("/out.txt")).isEmpty();
            assertThat(files.find("/up/secret.txt")).isEmpty();
            assertThat(files.find("/in.html")).isPresent();
        }

        @Test
        void aFolderThatIsALinkItselfIsServed() throws IOException {
            Path link = Files.createSymbolicLink(around.resolve("link"), folder);
            assertThat(new StaticFiles("/", link, new FileReads()).find("/index.html"))
                    .isPresent();
        }

        @Test
        void thePrefixIsNotAPartOfTheFilesPath() throws IOException {
            StaticFiles assets = new StaticFiles("/assets/", folder, new FileReads());
            assertThat(assets.find("/assets/docs/")).isPresent();
            assertThat(assets.find("/assets/")).isPresent();
            assertThat(assets.find("/assets/../secret.txt")).isEmpty();
        }

        @ParameterizedTest
        @CsvSource({
            "a.html, text/html; charset=utf-8",
            "a.HTML, text/html; charset=utf-8",
            "a.css, text/css; charset=utf-8",
            "a.js, text/javascript; charset=utf-8",
            "a.mjs, text/javascript; charset=utf-8",
            "a.json, application/json; charset=utf-8",
            "a.svg, image/svg+xml",
            "a.png, image/png",
            "a.min.js, text/javascript; charset=utf-8",
            "a.html.exe, application/octet-stream",
            "html, application/octet-stream",
            "a, application/octet-stream",
            "a., application/octet-stream"
        })
        void theTypeFollowsTheEnding(String name, String type) throws IOException {
            Files.writeString(folder.resolve(name), "x");
            assertThat(files.find("/" + name).orElseThrow().type()).isEqualTo(type);
        }

        /** Tags of files as a minute later, when their changes are settled. */
        private FileTags tagsOfSettledFiles() {
            return new FileTags(new FileReads(), () -> Instant.now().plusSeconds(60));
        }

        @Test
        void theTagChangesWithTheContentAlone() throws IOException {
            Path file = folder.resolve("index.html");
            FileTags tags = tagsOfSettledFiles();
            String tag = tags.of(file, FileVersion.of(file)).orElseThrow();
            assertThat(tag).matches("\"[0-9a-f]+-[0-9a-f]+\"");

            Path other = Files.writeString(folder.resolve("other.html"), "<p>hullo");
            assertThat(tags.of(other, FileVersion.of(other)).orElseThrow()).isNotEqualTo(tag);
            Path same = Files.writeString(folder.resolve("same.html"), "<p>hello");
            assertThat(tags.of(same, FileVersion.of(same))).hasValue(tag);
        }

        @Test
        void aFileIsReadOnceForEachOfItsVersions() throws IOException {
            Path file = folder.resolve("index.html");
            FileVersion version = FileVersion.of(file);
            FileTags tags = tagsOfSettledFiles();
            Optional<String> tag = tags.of(file, version);

            Files.delete(file);
            assertThat(tags.of(file, version)).isEqualTo(tag).isPresent();
            FileVersion former = new FileVersion(8, version.modified(), FileTime.from(Instant.EPOCH), version.key());
            assertThatThrownBy(() -> tags.of(file, former)).isInstanceOf(IOException.class);
        }

        @Test
        void aFileThatHasJustChangedHasNoTagAndIsNotRead() throws IOException {
            assertThat(files.find("/").orElseThrow().tag()).isEmpty();
            Path file = folder.resolve("index.html");
            FileVersion version = FileVersion.of(file);
            Files.delete(file);
            assertThat(new FileTags(new FileReads(), InstantSource.system()).of(file, version))
                    .isEmpty();
        }

        @Test
        void aFileThatChangesAfterItWasFoundIsNeitherTaggedNorRead() throws IOException {
            StaticFiles.Found found = files.find("/").orElseThrow();
            Path other = Files.writeString(folder.resolve("other.html"), "<p>hello and more");
            Files.move(other, found.path(), StandardCopyOption.REPLACE_EXISTING);
            assertThatThrownBy(() -> tagsOfSettledFiles().of(found.path(), found.version()))
                    .isInstanceOf(FileReads.ChangedException.class);
            try (FileReads.Pieces pieces = files.reads().open(found.path(), found.version())) {
                assertThatThrownBy(() -> pieces.next(8)).isInstanceOf(FileReads.ChangedException.class);
            }
        }

        @Test
        void aFileIsNotOpenBetweenTwoOfItsPieces() throws IOException {
            Files.write(folder.resolve("large.bin"), new byte[100_001]);
            try (FileReads.Pieces pieces =
                    files.reads().open(folder.resolve("large.bin"), FileVersion.of(folder.resolve("large.bin")))) {
                assertThat(pieces.next(100_000)).hasSize(100_000);
                Files.delete(folder.resolve("large.bin"));
                assertThatThrownBy(() -> pieces.next(1)).isInstanceOf(IOException.class);
            }
        }

        @Test
        void aFileThatChangesWhileItIsReadIsNotReadToItsEnd() throws IOException {
            Path file = folder.resolve("large.bin");
            Files.write(file, new byte[100_001]);
            try (FileReads.Pieces pieces = new FileReads().open(file, FileVersion.of(file))) {
                assertThat(pieces.next(100_000)).hasSize(100_000);
                Path other = Files.write(folder.resolve("other.bin"), new byte[100_001]);
                Files.move(other, file, StandardCopyOption.REPLACE_EXISTING);
                assertThatThrownBy(() -> pieces.next(1)).hasMessageContaining("changed");
            }
        }

        @Test
        void aFileOfManyPiecesHasItsWholeSize() throws IOException {
            Files.write(folder.resolve("large.bin"), new byte[100_001]);
            assertThat(files.find("/large.bin").orElseThrow().version().size()).isEqualTo(100_001);
        }
    }

    @Test
    void servesOutOfAZipFile(@TempDir Path around) throws IOException {
        URI zip = URI.create("jar:" + around.resolve("page.jar").toUri());
        try (FileSystem jar = FileSystems.newFileSystem(zip, Map.of("create", "true"))) {
            Files.createDirectories(jar.getPath("/demo/sub"));
            Files.writeString(jar.getPath("/demo/index.html"), "<p>zipped");
            Files.writeString(jar.getPath("/secret.txt"), "secret");
        }
        try (FileSystem jar = FileSystems.newFileSystem(zip, Map.of())) {
            StaticFiles files = new StaticFiles("/", jar.getPath("/demo"), new FileReads());

            StaticFiles.Found found = files.find("/").orElseThrow();
            assertThat(Files.readString(found.path())).isEqualTo("<p>zipped");
            assertThat(found.type()).isEqualTo("text/html; charset=utf-8");
            assertThat(found.version().size()).isEqualTo(9);
            assertThat(files.find("/sub/")).isEmpty();
            assertThat(files.find("/../secret.txt")).isEmpty();
        }
    }

    @Property
    void noPathThrowsOrLeadsOutOfTheFolder(@ForAll String path) throws IOException {
        Path folder = Path.of("target/classes");
        Optional<StaticFiles.Found> found = new StaticFiles("/", folder, new FileReads()).find("/" + path);
        found.ifPresent(file -> assertThat(file.path().normalize()).startsWith(folder));
    }
}
