package io.heliodor.interop.attack;

import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A session of the long-poll transport.
 *
 * @param client the connection on which it was opened
 * @param token of the session
 */
record PollSession(RawClient client, String token) {
    private static final Pattern TOKEN = Pattern.compile("\"token\":\"([^\"]+)\"");
    private static final String PATH = " /socket/longpoll?vsn=2.0.0";
    private static final String HEAD = " HTTP/1.1\r\nHost: 127.0.0.1\r\n";

    /** Opens a session by its first poll. */
    static void open(RawClient client, Consumer<PollSession> opened) {
        StringBuilder answer = new StringBuilder();
        client.onText(text -> {
            Matcher token = TOKEN.matcher(answer.append(text));
            if (token.find()) {
                client.onText(other -> {});
                opened.accept(new PollSession(client, token.group(1)));
            }
        });
        client.send("GET" + PATH + HEAD + "\r\n");
    }

    /** Sends a poll, which waits until there is a message. */
    void poll(String params, String lines) {
        client.send("GET" + PATH + params + "&token=" + token + HEAD + lines + "\r\n");
    }

    void post(String body) {
        postHead(body.length());
        client.send(body);
    }

    /** Sends the head of a post, whose body is to follow. */
    void postHead(int length) {
        client.send("POST" + PATH + "&token=" + token + HEAD + "Content-Type: application/x-ndjson\r\nContent-Length: "
                + length + "\r\n\r\n");
    }
}
