package io.heliodor.protocol;

import io.heliodor.binary.BinaryReader;
import io.heliodor.binary.DecodeException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Checks texts and small numbers of messages. */
final class Texts {
    private Texts() {}

    /** Why a text cannot be sent; empty if it can. Half of a surrogate pair would be decoded as another text. */
    static Optional<String> problem(String what, String text, int maxBytes) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > maxBytes) {
            return Optional.of(what + " has " + bytes.length + " bytes, at most " + maxBytes + " are allowed");
        }
        return new String(bytes, StandardCharsets.UTF_8).equals(text)
                ? Optional.empty()
                : Optional.of(what + " has half of a surrogate pair");
    }

    static String read(BinaryReader in, int maxLength) throws DecodeException {
        String text = in.text();
        if (text.length() > maxLength) {
            throw new DecodeException(
                    "a text of " + text.length() + " characters, at most " + maxLength + " are allowed");
        }
        return text;
    }

    static int small(BinaryReader in) throws DecodeException {
        long number = in.number();
        if (number < 0 || number > Integer.MAX_VALUE) {
            throw new DecodeException("not a small number: " + number);
        }
        return (int) number;
    }
}
