package com.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heliodor.fixtures.Page;
import io.micronaut.context.ApplicationContext;
import io.micronaut.runtime.server.EmbeddedServer;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The chat of the guide in Micronaut. */
class ChatServerTests {
    private final EmbeddedServer server = ApplicationContext.run(EmbeddedServer.class, Map.of("chat.port", 0));

    private int port() {
        return server.getApplicationContext().getBean(ChatServer.class).port();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void aMessageReachesTheOthersInTheRoom() throws Exception {
        try (Page ann = Page.open(port());
                Page bo = Page.open(port())) {
            assertTrue(ann.join("room:lobby").contains("\"ok\""));
            assertTrue(bo.join("room:lobby").contains("\"ok\""));
            ann.sends("room:lobby", "message", "{\"text\":\"Hello Bo\"}");
            assertTrue(bo.receives().endsWith("\"room:lobby\",\"message\",{\"text\":\"Hello Bo\"}]"));
        }
    }

    @Test
    void aRequestIsBroadcast() throws Exception {
        try (Page ann = Page.open(port());
                HttpClient http = HttpClient.newHttpClient()) {
            assertTrue(ann.join("room:lobby").contains("\"ok\""));
            HttpRequest request = HttpRequest.newBuilder(server.getURI().resolve("/announcements"))
                    .header("Content-Type", "text/plain")
                    .POST(HttpRequest.BodyPublishers.ofString("Lunch"))
                    .build();
            assertEquals(
                    200,
                    http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode());
            assertTrue(ann.receives().endsWith("\"room:lobby\",\"message\",{\"text\":\"Lunch\"}]"));
        }
    }

    @Test
    void pagesOfTheConfiguredOriginMayConnect() {
        Page.open(port(), "/socket", Map.of("Origin", "http://localhost:8080")).close();
        assertEquals(403, Page.refused(port(), Map.of("Origin", "https://elsewhere.example")));
    }

    @Test
    void theEndOfTheApplicationDrains() throws Exception {
        try (Page ann = Page.open(port())) {
            server.close();
            assertEquals("closed with 1001", ann.receives());
        }
    }
}
