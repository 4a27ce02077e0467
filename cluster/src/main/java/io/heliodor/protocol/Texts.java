package io.heliodor.protocol;

import io.heliodor.link.ByteReader;
import io.heliodor.link.DecodeException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Texts and small numbers that come from a peer or go to one. */
final class Texts {
    private Texts() {}

    /** Why a text cannot be sent, if so. Half a surrogate pair would come out as another text. */
    static Optional<String> problem(String what, String text, int most) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > most) {
            return Optional.of(what + " has " + bytes.length + " bytes, at most " + most + " are allowed");
        }
        return new String(bytes, StandardCharsets.UTF_8).equals(text)
                ? Optional.empty()
                : Optional.of(what + " has half of a surrogate pair");
    }

    static String read(ByteReader in, int most) throws DecodeException {
        String text = in.text();
        if (text.length() > most) {
            throw new DecodeException("a text of " + text.length() + " characters, at most " + most + " are allowed");
        }
        return text;
    }

    static int small(ByteReader in) throws DecodeException {
        long number = in.number();
        if (number < 0 || number > Integer.MAX_VALUE) {
            throw new DecodeException("not a small number: " + number);
        }
        return (int) number;
    }
}
