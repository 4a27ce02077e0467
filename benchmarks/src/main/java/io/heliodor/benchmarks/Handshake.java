package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.concurrent.ThreadLocalRandom;

/** The upgrade request, the same for all connections of a run, and the check of its answer. */
final class Handshake {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final byte[] END = "\r\n\r\n".getBytes(US_ASCII);
    private static final int MAX_RESPONSE = 16_384;

    private final byte[] request;
    private final String accept;

    Handshake(Target target) {
        byte[] nonce = new byte[16];
        ThreadLocalRandom.current().nextBytes(nonce);
        String key = Base64.getEncoder().encodeToString(nonce);
        accept = acceptFor(key);
        request = ("GET " + target.path() + " HTTP/1.1\r\n"
                        + "Host: " + target.host() + ":" + target.port() + "\r\n"
                        + "Upgrade: websocket\r\n"
                        + "Connection: Upgrade\r\n"
                        + "Sec-WebSocket-Key: " + key + "\r\n"
                        + "Sec-WebSocket-Version: 13\r\n\r\n")
                .getBytes(US_ASCII);
    }

    ByteBuffer request() {
        return ByteBuffer.wrap(request);
    }

    /**
     * Finds the end of the response between position and limit, and moves the position after it.
     *
     * @return whether the whole answer was there
     * @throws ProtocolException if the answer is not the switch to WebSocket that was asked for
     */
    boolean accepted(ByteBuffer in) throws ProtocolException {
        int end = MessageHead.after(in, in.position(), in.limit(), END);
        if (end < 0) {
            if (in.remaining() > MAX_RESPONSE) {
                throw new ProtocolException("upgrade answered with more than " + MAX_RESPONSE + " bytes of headers");
            }
            return false;
        }
        byte[] bytes = new byte[end - in.position()];
        in.get(bytes);
        String[] lines = new String(bytes, ISO_8859_1).split("\r\n", -1);
        if (!lines[0].startsWith("HTTP/1.1 101")) {
            throw new ProtocolException("upgrade answered with " + lines[0]);
        }
        for (String line : lines) {
            if (line.toLowerCase(Locale.ROOT).startsWith("sec-websocket-accept:")
                    && line.substring(line.indexOf(':') + 1).strip().equals(accept)) {
                return true;
            }
        }
        throw new ProtocolException("upgrade answered without the right Sec-WebSocket-Accept");
    }

    static String acceptFor(String key) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest((key + GUID).getBytes(US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-1, which every JDK must have", e);
        }
    }
}
