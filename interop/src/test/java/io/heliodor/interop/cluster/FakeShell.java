package io.heliodor.interop.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** A program that acts as a node for the driver: it prints its name, echoes, prints events, hangs, and ends. */
final class FakeShell {
    private FakeShell() {}

    public static void main(String[] arguments) throws IOException {
        String name = arguments[1].replaceAll(":\\d+$", "");
        if (name.startsWith("refused@")) {
            System.err.println("name_taken: it lives");
            System.exit(1);
        }
        System.out.println("{\"event\":\"started\",\"node\":\"" + name + "\",\"port\":4711}");
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            switch (line) {
                case "self" -> System.out.println("{\"ok\":true,\"node\":\"" + name + "\",\"incarnation\":5}");
                case "tell" ->
                    System.out.println("{\"event\":\"up\",\"node\":\"b@h\",\"incarnation\":7}\n{\"ok\":true}");
                case "babble" -> System.out.println("babble\n{\"ok\":true}");
                case "warn" -> {
                    System.err.println("a warning");
                    System.out.println("{\"ok\":true}");
                }
                case "hang" -> {}
                case "cookie" ->
                    System.out.println("{\"ok\":true,\"is\":\"" + System.getenv("HELIODOR_COOKIE") + "\"}");
                case "quit" -> {
                    System.out.println("{\"ok\":true}");
                    System.exit(0);
                }
                default ->
                    System.out.println("{\"ok\":false,\"error\":\"bad_command\",\"message\":\"no '" + line + "'\"}");
            }
        }
    }
}
