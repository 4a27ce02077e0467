package io.heliodor.interop.attack;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.heliodor.interop.attack.Client.Trait;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Clients do all that a server logs, with long names that are different each time: handlers that throw, events and topics that
 * nobody has, invalid payloads and tokens, malformed messages, calls that need an id, connects that are refused.
 *
 * @param connections that do so
 */
record LogFloods(int connections) implements AttackVector {
    private static final int NAMES = 50;
    private static final int LENGTH = 200;
    private static final int REQUESTS = 20;

    @Override
    public void begin(Swarm swarm) {
        for (int i = 0; i < connections; i++) {
            List<ByteBuffer> messages = new ArrayList<>();
            for (int n = 0; n < NAMES; n++) {
                String name = i + "-" + n + "-" + Frames.text(LENGTH) + "\\n\\u001b[31m";
                String room = swarm.room(i) + "-" + name;
                String at = "[\"1\",\"2\",\"" + room + "\",";
                messages.add(Frames.together(List.of(Frames.join(room), Frames.push("2", room, "crash", "{}"))));
                messages.add(Frames.together(List.of(
                        Frames.join(room),
                        Frames.push("2", room, name, "{}"),
                        Frames.push("2", room, "typed", "{\"" + name + "\":1}"),
                        Frames.push("2", room, "once", "{\"key\":\"k\",\"text\":\"\"}"),
                        Frames.push("2", room, "phx_leave", "{}"))));
                messages.add(Frames.join("nobody:" + name));
                messages.add(Frames.join("private:" + name, "{\"token\":\"" + name + "\"}"));
                messages.add(Frames.frame(Frames.TEXT, at.getBytes(UTF_8)));
            }
            swarm.keep(
                    Set.of(Trait.DEFLATE),
                    client -> client.sendFrom(() -> messages.get(swarm.random().nextInt(messages.size()))));
        }
        String refused = "GET /socket/websocket?vsn=2.0.0&token=deny&name=" + Frames.text(LENGTH) + " HTTP/1.1\r\n"
                + "Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nOrigin: http://"
                + Frames.text(LENGTH)
                + "\r\nUser-Agent: " + Frames.text(LENGTH) + "\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        swarm.keepRaw(connections, client -> client.send(refused.repeat(REQUESTS)));
    }
}
