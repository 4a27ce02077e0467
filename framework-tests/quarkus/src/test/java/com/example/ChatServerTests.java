package com.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heliodor.fixtures.Page;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The chat of the guide in Quarkus, with the web server of Quarkus on the same Netty. */
@QuarkusTest
class ChatServerTests {
    @Inject
    ChatServer server;

    @TestHTTPResource("announcements")
    URI announcements;

    @Test
    void aMessageReachesTheOthersInTheRoom() throws Exception {
        try (Page ann = Page.open(server.port());
                Page bo = Page.open(server.port())) {
            assertTrue(ann.join("room:lobby").contains("\"ok\""));
            assertTrue(bo.join("room:lobby").contains("\"ok\""));
            ann.sends("room:lobby", "message", "{\"text\":\"Hello Bo\"}");
            assertTrue(bo.receives().endsWith("\"room:lobby\",\"message\",{\"text\":\"Hello Bo\"}]"));
        }
    }

    @Test
    void aRequestIsBroadcast() throws Exception {
        try (Page ann = Page.open(server.port());
                HttpClient http = HttpClient.newHttpClient()) {
            assertTrue(ann.join("room:lobby").contains("\"ok\""));
            HttpRequest request = HttpRequest.newBuilder(announcements)
                    .header("Content-Type", "text/plain")
                    .POST(HttpRequest.BodyPublishers.ofString("Lunch"))
                    .build();
            assertEquals(
                    204,
                    http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode());
            assertTrue(ann.receives().endsWith("\"room:lobby\",\"message\",{\"text\":\"Lunch\"}]"));
        }
    }

    @Test
    void pagesOfTheConfiguredOriginMayConnect() {
        Page.open(server.port(), "/socket", Map.of("Origin", "http://localhost:8080"))
                .close();
        assertEquals(403, Page.refused(server.port(), Map.of("Origin", "https://elsewhere.example")));
    }
}
