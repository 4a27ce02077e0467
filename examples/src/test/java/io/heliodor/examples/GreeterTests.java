package io.heliodor.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.endpoint.Endpoint;
import io.heliodor.fixtures.Guide;
import io.heliodor.fixtures.Page;
import java.io.BufferedReader;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page of Java programs from an empty folder, with the dependencies that its pom brings, and the chat of the quick start. */
class GreeterTests {
    private static final Guide GUIDE = Guide.of("docs/java-client.md", "A program from an empty folder");

    @TempDir
    private Path folder;

    @Test
    @Timeout(120)
    void theProgramOfThePageGreets() throws Exception {
        String pom = GUIDE.file("pom.xml");
        assertThat(GUIDE.installed()).containsAll(Guide.modules(pom));
        String classPath = Guide.classPath(pom);
        Channel<Object, String> room = Channel.join(Chat.Enter.class, (enter, join) -> Join.ok(enter.name()))
                .on(
                        Chat.SAY,
                        (say, context) ->
                                context.broadcast(Chat.NEW_MSG, new Chat.Message(context.assigns(), say.body())))
                .build();
        try (Endpoint endpoint = Servers.serve(room);
                Page ann = Page.open(endpoint.port())) {
            compile(
                    GUIDE.file("src/main/java/Greeter.java").replace("localhost:4000", "127.0.0.1:" + endpoint.port()),
                    classPath);
            Process greeter = new ProcessBuilder(
                            System.getProperty("java.home") + "/bin/java",
                            "-cp",
                            folder + File.pathSeparator + classPath,
                            "Greeter")
                    .redirectErrorStream(true)
                    .start();
            try (BufferedReader output = greeter.inputReader(UTF_8)) {
                assertThat(output.readLine()).isEqualTo("Joining[]");
                assertThat(output.readLine()).isEqualTo("Joined[]");
                ann.join("room:lobby", "{\"name\":\"ann\"}");
                ann.sends("room:lobby", "say", "{\"body\":\"hello\"}");
                assertThat(ann.next("room:lobby", "new_msg")).isEqualTo("{\"from\":\"ann\",\"body\":\"hello\"}");
                assertThat(ann.next("room:lobby", "new_msg"))
                        .isEqualTo("{\"from\":\"greeter\",\"body\":\"Hello, ann\"}");
            } finally {
                greeter.destroyForcibly();
            }
        }
    }

    private void compile(String source, String classPath) throws Exception {
        Path file = Files.writeString(folder.resolve("Greeter.java"), source);
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, UTF_8)) {
            boolean compiles = compiler.getTask(
                            null,
                            files,
                            null,
                            List.of("--release", "17", "-d", folder.toString(), "-cp", classPath, "-proc:none"),
                            null,
                            files.getJavaFileObjects(file))
                    .call();
            assertThat(compiles).isTrue();
        }
    }
}
