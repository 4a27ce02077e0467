package com.example.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heliodor.endpoint.Endpoint;
import io.heliodor.fixtures.FreePort;
import io.heliodor.fixtures.Page;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;

/** The chat of the guide in Spring Boot, as its page uses it. */
class ChatApplicationTests {
    @Test
    void aMessageOfOneWindowReachesTheOther() throws Exception {
        // Pages of the web server's port may connect, which must be a number before the start.
        int web = FreePort.find();
        try (var application =
                SpringApplication.run(ChatApplication.class, "--server.port=" + web, "--heliodor.port=0")) {
            String origin = "http://127.0.0.1:" + web;
            String page = page(origin);
            String path = in(page, "`ws://\\$\\{location\\.hostname}:4000(/\\w+)`");
            String topic = in(page, "socket\\.channel\\(\"(.*?)\"\\)");
            String event = in(page, "room\\.on\\(\"(.*?)\", \\(\\{ text }\\)");
            assertEquals(event, in(page, "room\\.push\\(\"(.*?)\", \\{ text: "));

            int port = application.getBean(Endpoint.class).port();
            try (Page ann = Page.open(port, path, Map.of("Origin", origin));
                    Page bo = Page.open(port, path, Map.of("Origin", origin))) {
                assertTrue(ann.join(topic).contains("\"ok\""));
                assertTrue(bo.join(topic).contains("\"ok\""));
                ann.sends(topic, event, "{\"text\":\"Hello Bo\"}");
                assertEquals("[null,null,\"" + topic + "\",\"" + event + "\",{\"text\":\"Hello Bo\"}]", bo.receives());
            }
        }
    }

    /** The page, from the web server. */
    private static String page(String origin) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(origin)).build();
            return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    private static String in(String page, String pattern) {
        Matcher found = Pattern.compile(pattern).matcher(page);
        assertTrue(found.find(), () -> pattern + " is not in the page: " + page);
        return found.group(1);
    }
}
