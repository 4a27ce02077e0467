package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;

/**
 * The message that is pushed again and again to one topic: {@code ["0",ref,topic,event,{"n":N,"t":T,"pad":"xxx"}]}.
 *
 * <p>The pad makes the payload as long as asked for; a payload cannot be shorter than its numbers.
 */
final class Push {
    /** The name of the number in a payload. */
    static final byte[] N_FIELD = ascii("\"n\":");

    private static final byte[] OPEN = ascii("[\"0\",\"");
    private static final byte[] N = ascii("{\"n\":");
    private static final byte[] T = ascii(",\"t\":");
    private static final byte[] PAD = ascii(",\"pad\":\"");
    private static final byte[] CLOSE = ascii("\"}]");
    private static final int FIXED_PAYLOAD = N.length + T.length + PAD.length + CLOSE.length - 1;
    private static final int MAX_DIGITS = 19;

    private final byte[] topicAndEvent;
    private final int payloadBytes;
    private final byte[] message;
    private int at;

    /**
     * @param payloadBytes length of the payload in bytes
     * @param message where messages are written; shared by all pushes of a thread, at least {@link #maxLength} long
     */
    Push(String topic, String event, int payloadBytes, byte[] message) {
        topicAndEvent = ascii("\",\"" + topic + "\",\"" + event + "\",");
        this.payloadBytes = payloadBytes;
        this.message = message;
    }

    /** The most that a message with a topic and an event of up to 64 characters each can need. */
    static int maxLength(int payloadBytes) {
        return payloadBytes + FIXED_PAYLOAD + 3 * MAX_DIGITS + 256;
    }

    /** Writes the message and returns its length. The ref is {@code n} as well. */
    int write(long n, long t) {
        at = 0;
        put(OPEN);
        putNumber(n);
        put(topicAndEvent);
        int payload = at;
        put(N);
        putNumber(n);
        put(T);
        putNumber(t);
        put(PAD);
        int pad = payloadBytes - (at - payload) - (CLOSE.length - 1);
        if (pad > 0) {
            Arrays.fill(message, at, at + pad, (byte) 'x');
            at += pad;
        }
        put(CLOSE);
        return at;
    }

    byte[] message() {
        return message;
    }

    private void put(byte[] bytes) {
        System.arraycopy(bytes, 0, message, at, bytes.length);
        at += bytes.length;
    }

    private void putNumber(long value) {
        int digits = 1;
        for (long rest = value; rest >= 10; rest /= 10) {
            digits++;
        }
        at += digits;
        long rest = value;
        for (int i = at - 1; digits > 0; i--, digits--) {
            message[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }
}
