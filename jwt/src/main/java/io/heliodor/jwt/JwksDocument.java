package io.heliodor.jwt;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import io.heliodor.type.text.ControlCharacters;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The keys of a JWKS that can be read. The others are ignored, as RFC 7517, section 5, asks for: one key of a new type, or one that an
 * administrator entered wrongly, does not refuse the tokens of all others.
 *
 * @param keys those that can be read
 * @param ignored the number of the others
 * @param fault why the first of the others cannot be read, on one line; empty if there is none
 */
record JwksDocument(JWKSet keys, int ignored, String fault) {
    private static final int MAX_FAULT = 200;

    /** Throws if the text is no JWKS, or if it has keys and none can be read: then the keys before it are the better ones. */
    static JwksDocument parse(String json) throws ParseException {
        Map<String, Object> members = JSONObjectUtils.parse(json);
        if (members == null || !(members.get("keys") instanceof List<?> all)) {
            throw new ParseException("it has no list of keys", 0);
        }
        List<JWK> readable = new ArrayList<>();
        String fault = "";
        for (int i = 0; i < all.size(); i++) {
            try {
                readable.add(key(all.get(i)));
            } catch (ParseException
                    | RuntimeException e) { // Nimbus throws others for members that contradict each other
                if (fault.isEmpty()) {
                    fault = line("key " + (i + 1) + " of " + all.size() + ": " + e.getMessage());
                }
            }
        }
        if (readable.isEmpty() && !all.isEmpty()) {
            throw new ParseException("none of its keys can be read, " + fault, 0);
        }
        return new JwksDocument(new JWKSet(readable), all.size() - readable.size(), fault);
    }

    @SuppressWarnings("unchecked") // Nimbus reads the names of JSON as texts
    private static JWK key(Object member) throws ParseException {
        if (member instanceof Map<?, ?> object) {
            return JWK.parse((Map<String, Object>) object);
        }
        throw new ParseException("it is not an object", 0);
    }

    /** The message of a parser has text of the document. */
    private static String line(String text) {
        String printable = ControlCharacters.escaped(text);
        return printable.length() <= MAX_FAULT ? printable : printable.substring(0, MAX_FAULT);
    }
}
