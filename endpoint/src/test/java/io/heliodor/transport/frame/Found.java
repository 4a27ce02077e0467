package io.heliodor.transport.frame;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The results of a reader, as lines: {@code text hello}, {@code binary 0aff}, {@code ping x}, {@code breach 1002}. */
final class Found {
    private final List<String> lines = new ArrayList<>();
    private boolean over;
    private boolean judging;
    private int pauseAfter = Integer.MAX_VALUE;

    List<String> lines() {
        return lines;
    }

    /** Stops reading when it has found so many. */
    Found pausedAfter(int many) {
        pauseAfter = many;
        return this;
    }

    /** Ends at a text that is not UTF-8, as a session does: the reader itself leaves whole messages to that. */
    Found judgingTexts() {
        judging = true;
        return this;
    }

    /** Reads a buffer until it is empty, or until it has found enough. */
    void read(FrameReader reader, ByteBuf in) {
        while (reading()) {
            WebSocketMessage message = reader.read(in);
            if (message == null) {
                return;
            }
            add(message);
        }
    }

    /** Whether it would read more. */
    boolean reading() {
        return !over && lines.size() < pauseAfter;
    }

    void add(WebSocketMessage message) {
        switch (message) {
            case WebSocketMessage.Text(var bytes) when judging && !isUtf8(bytes) -> end("breach 1007");
            case WebSocketMessage.Text(var bytes) -> lines.add("text " + new String(bytes, StandardCharsets.UTF_8));
            case WebSocketMessage.Binary(var bytes) ->
                lines.add("binary " + HexFormat.of().formatHex(bytes));
            case WebSocketMessage.Ping(var payload) -> lines.add("ping " + new String(payload, StandardCharsets.UTF_8));
            case WebSocketMessage.Pong() -> lines.add("pong");
            case WebSocketMessage.Close(var code) -> end("close " + code);
            case WebSocketMessage.ProtocolError(var code, var _) -> end("breach " + code.code());
        }
    }

    private void end(String line) {
        lines.add(line);
        over = true;
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
