package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.fixtures.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The smallest server, run as README.md prints it, and within a module. */
class HelloChatTests {
    private static final int MAX_LINES = 16;
    private static final String LIBRARIES = System.getProperty("java.class.path");

    @TempDir
    private Path folder;

    private static List<String> printed() {
        return Documents.blocks(Documents.ROOT.resolve("README.md")).stream()
                .filter(block -> block.language().equals("java"))
                .findFirst()
                .orElseThrow()
                .text();
    }

    private Path write(String name, String source) throws IOException {
        return Files.writeString(folder.resolve(name), source);
    }

    private static String source(int port) {
        return String.join("\n", printed()).replace("port(4000)", "port(" + port + ")");
    }

    @Test
    void theServerIsShort() {
        assertThat(printed()).hasSizeLessThanOrEqualTo(MAX_LINES);
    }

    @Test
    void theServerSendsAMessageFromOneClientToAnother() throws Exception {
        int port = ServerProcess.freePort();
        Path source = write("HelloChat.java", source(port));
        try (var server = ServerProcess.start(folder.resolve("log"), port, "-cp", LIBRARIES, source.toString())) {
            broadcastsAMessage(server, port);
        }
    }

    @Test
    void theServerRunsInAModuleThatOpensItsPackageToJackson() throws Exception {
        int port = ServerProcess.freePort();
        Path module = write("module-info.java", Files.readString(Documents.source("module-info.java")));
        Path source = write("HelloChat.java", "package com.example.chat;\n" + source(port));
        String classes = folder.resolve("classes").toString();
        int status = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-p", LIBRARIES, "-d", classes, module.toString(), source.toString());
        assertThat(status).isZero();
        String modules = LIBRARIES + System.getProperty("path.separator") + classes;
        String main = "com.example.chat/com.example.chat.HelloChat";
        try (var server = ServerProcess.start(folder.resolve("log"), port, "-p", modules, "-m", main)) {
            broadcastsAMessage(server, port);
        }
    }

    private static void broadcastsAMessage(ServerProcess server, int port) throws InterruptedException {
        try (Page ana = server.connect();
                Page ben = Page.open(port)) {
            assertThat(ana.join("room:lobby", "{}")).isEqualTo("{\"status\":\"ok\",\"response\":{}}");
            ben.join("room:lobby", "{}");
            ana.sends("room:lobby", "new_msg", "{\"from\":\"ana\",\"body\":\"hi\"}");
            assertThat(ben.next("room:lobby", "new_msg")).isEqualTo("{\"from\":\"ana\",\"body\":\"hi\"}");
        }
    }
}
