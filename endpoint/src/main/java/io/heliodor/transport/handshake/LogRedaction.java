package io.heliodor.transport.handshake;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Values of clients as the log may contain them: without secrets and control characters, and short. */
final class LogRedaction {
    private static final String MASK = "[FILTERED]";

    /** Parts of the names of secrets. Separators are ignored, so api_key, apiKey and api-key are the same. */
    private static final Pattern SECRET =
            Pattern.compile("password|passwd|passphrase|pwd|token|secret|key|auth|credential"
                    + "|cookie|session|signature|jwt|otp|pin");

    private static final int MAX_PARAMS = 20;
    private static final int MAX_LOGGED_CHARS = 200;

    private LogRedaction() {}

    static String params(Map<String, List<String>> params) {
        TreeMap<String, String> shown = new TreeMap<>();
        params.entrySet().stream()
                .limit(MAX_PARAMS)
                .forEach(param -> shown.put(
                        printable(param.getKey()),
                        secret(param.getKey()) ? MASK : printable(String.join(",", param.getValue()))));
        return shown.toString();
    }

    private static boolean secret(String name) {
        String letters = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
        return SECRET.matcher(letters).find();
    }

    /** A text without control characters, and shortened. */
    static String printable(String text) {
        String clean = text.replaceAll("[^ -~]", "?");
        return clean.length() <= MAX_LOGGED_CHARS ? clean : clean.substring(0, MAX_LOGGED_CHARS) + "...";
    }
}
