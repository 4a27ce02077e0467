package io.heliodor.transport.frame;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The results of a reader, as lines: {@code text hello}, {@code binary 0aff}, {@code ping x}, {@code breach 1002}. */
final class Found implements FrameReader.Sink {
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

    @Override
    public void text(byte[] message) {
        if (judging && !isUtf8(message)) {
            protocolError(1007, "not UTF-8");
            return;
        }
        lines.add("text " + new String(message, StandardCharsets.UTF_8));
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    @Override
    public void binary(byte[] message) {
        lines.add("binary " + HexFormat.of().formatHex(message));
    }

    @Override
    public void ping(byte[] payload) {
        lines.add("ping " + new String(payload, StandardCharsets.UTF_8));
    }

    @Override
    public void pong() {
        lines.add("pong");
    }

    @Override
    public void close(int code) {
        lines.add("close " + code);
        over = true;
    }

    @Override
    public void protocolError(int code, String reason) {
        lines.add("breach " + code);
        over = true;
    }

    @Override
    public boolean reading() {
        return !over && lines.size() < pauseAfter;
    }
}
