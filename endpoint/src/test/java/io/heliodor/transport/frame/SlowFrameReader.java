package io.heliodor.transport.frame;

import io.heliodor.event.CloseCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/**
 * A reference reader of WebSocket frames, written from the RFC in the plainest way: all bytes at once, no state except
 * that of the message, and slow. Finds what a {@link FrameReader} with the same limit must find.
 */
final class SlowFrameReader {
    private static final byte[][] TAILS = {{(byte) 0x80}, {(byte) 0x90}, {(byte) 0xa0}, {(byte) 0xbf}};

    private final byte[] all;
    private final int maxBytes;
    private final Optional<MessageInflater> inflation;
    private int at;

    // The message under way.
    private int messageOpcode;
    private boolean compressed;
    private int fragments;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();

    SlowFrameReader(byte[] all, int maxBytes, Optional<MessageInflater> inflation) {
        this.all = all;
        this.maxBytes = maxBytes;
        this.inflation = inflation;
    }

    void read(Found found) {
        while (found.reading() && frame(found)) {
            // The next one.
        }
    }

    /** Reads one frame; returns false if it is incomplete or was a protocol error. */
    private boolean frame(Found found) {
        if (all.length - at < 2) {
            return false;
        }
        int first = all[at] & 0xff;
        int second = all[at + 1] & 0xff;
        boolean fin = first >= 0x80;
        int opcode = first % 16;
        boolean control = opcode >= 8;
        boolean begins = opcode == 1 || opcode == 2;
        int reserved = first / 16 % 8;
        if (reserved != 0 && !(reserved == 4 && begins && inflation.isPresent())) {
            return protocolError(found, 1002);
        }
        boolean known = opcode <= 2 || (opcode >= 8 && opcode <= 10);
        boolean inOrder = control || begins == (messageOpcode == 0);
        if (second < 0x80 || !known || !inOrder || (control && (!fin || second - 0x80 > 125))) {
            return protocolError(found, 1002);
        }
        int extended = second == 0xff ? 8 : second == 0xfe ? 2 : 0;
        if (all.length - at < 2 + extended + 4) {
            return false;
        }
        BigInteger length = extended == 0
                ? BigInteger.valueOf(second - 0x80)
                : new BigInteger(1, Arrays.copyOfRange(all, at + 2, at + 2 + extended));
        BigInteger least = BigInteger.valueOf(extended == 8 ? 65_536 : extended == 2 ? 126 : 0);
        if (length.compareTo(least) < 0 || length.bitLength() > 63) {
            return protocolError(found, 1002);
        }
        if (begins) {
            messageOpcode = opcode;
            compressed = reserved != 0;
        }
        int limit = compressed ? MessageInflater.maxCompressed(maxBytes) : maxBytes;
        if (!control && length.compareTo(BigInteger.valueOf(limit - message.size())) > 0) {
            return protocolError(found, 1009);
        }
        if (!control && ++fragments > 1_024) {
            return protocolError(found, 1009);
        }
        int from = at + 2 + extended + 4;
        int to = Math.min(all.length, from + length.intValueExact());
        byte[] payload = Arrays.copyOfRange(all, from, to);
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= all[from - 4 + i % 4];
        }
        boolean whole = payload.length == length.intValueExact();
        at = to;
        return control ? whole && control(opcode, payload, found) : data(fin, whole, payload, found);
    }

    private boolean data(boolean fin, boolean whole, byte[] payload, Found found) {
        message.writeBytes(payload);
        boolean text = messageOpcode == 1;
        if (text && !compressed && !beginsAsUtf8(message.toByteArray())) {
            return protocolError(found, 1007);
        }
        if (!whole || !fin) {
            return whole;
        }
        byte[] sent = message.toByteArray();
        if (compressed) {
            switch (inflation.orElseThrow().inflate(sent, maxBytes)) {
                case MessageInflater.Message inflated -> {
                    isAsTheJdkInflatesIt(sent, inflated.bytes());
                    sent = inflated.bytes();
                }
                case MessageInflater.TooLarge() -> {
                    return protocolError(found, 1009);
                }
                case MessageInflater.Corrupt() -> {
                    return protocolError(found, 1007);
                }
            }
        } else if (text && !isUtf8(sent)) {
            return protocolError(found, 1007);
        }
        messageOpcode = 0;
        compressed = false;
        fragments = 0;
        message.reset();
        if (text) {
            found.add(new WebSocketMessage.Text(sent));
        } else {
            found.add(new WebSocketMessage.Binary(sent));
        }
        return true;
    }

    private static boolean control(int opcode, byte[] payload, Found found) {
        switch (opcode) {
            case 9 -> found.add(new WebSocketMessage.Ping(payload));
            case 10 -> found.add(new WebSocketMessage.Pong());
            default -> {
                return close(payload, found);
            }
        }
        return true;
    }

    private static boolean close(byte[] payload, Found found) {
        if (payload.length == 0) {
            found.add(new WebSocketMessage.Close(1005));
            return false;
        }
        int code = payload.length == 1 ? 0 : ByteBuffer.wrap(payload).getShort() & 0xffff;
        boolean sendable =
                (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code < 5000);
        if (!sendable) {
            return protocolError(found, 1002);
        }
        if (!isUtf8(Arrays.copyOfRange(payload, 2, payload.length))) {
            return protocolError(found, 1007);
        }
        found.add(new WebSocketMessage.Close(code));
        return false;
    }

    private static boolean protocolError(Found found, int code) {
        found.add(new WebSocketMessage.ProtocolError(CloseCode.of(code).orElseThrow(), ""));
        return false;
    }

    private static boolean isUtf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** Whether it is UTF-8, or would be with up to three bytes more. */
    private static boolean beginsAsUtf8(byte[] bytes) {
        return completes(bytes, 3);
    }

    private static boolean completes(byte[] bytes, int more) {
        if (isUtf8(bytes)) {
            return true;
        }
        if (more == 0) {
            return false;
        }
        for (byte[] tail : TAILS) {
            if (completes(ClientFrames.concat(bytes, tail), more - 1)) {
                return true;
            }
        }
        return false;
    }

    /** The JDK stops at the first block that calls itself the last one; so far both must read the same. */
    private static void isAsTheJdkInflatesIt(byte[] message, byte[] inflated) {
        byte[] in = ClientFrames.concat(message, new byte[] {0, 0, -1, -1, 1, 0, 0, -1, -1});
        try (InputStream stream = new InflaterInputStream(new ByteArrayInputStream(in), new Inflater(true))) {
            byte[] read = stream.readNBytes(inflated.length + 1);
            if (read.length > inflated.length || !Arrays.equals(read, Arrays.copyOf(inflated, read.length))) {
                throw new AssertionError("The JDK inflates it to " + Arrays.toString(read));
            }
        } catch (IOException e) {
            throw new AssertionError("The JDK does not inflate it.", e);
        }
    }
}
