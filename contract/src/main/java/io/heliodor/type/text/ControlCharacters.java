package io.heliodor.type.text;

/**
 * The characters that could forge or reorder the lines of a log or terminal. Names do not contain controls, line and paragraph separators
 * and bidirectional controls. Invisible characters are valid in names, since emoji and scripts need them, and are escaped in logs.
 */
public final class ControlCharacters {
    private ControlCharacters() {}

    /**
     * Whether a text contains a character that names do not contain.
     *
     * @param text the text
     * @return whether it contains a control (U+0000 to U+001F, U+007F to U+009F), U+2028, U+2029 or a bidirectional control
     */
    public static boolean isIn(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (isControl(text.charAt(i))) {
                return true;
            }
        }
        return false;
    }

    /** All of them are in the first plane, so that no surrogate is one. */
    private static boolean isControl(char c) {
        return c < 0x80
                ? Character.isISOControl(c)
                : Character.isISOControl(c)
                        || c == 0x061C
                        || (c >= 0x200E && c <= 0x200F)
                        || (c >= 0x2028 && c <= 0x202E)
                        || (c >= 0x2066 && c <= 0x2069);
    }

    /**
     * A text for one line of a log or terminal.
     *
     * @param text the text, such as a topic that a client sent
     * @return the same with all controls, separators and invisible characters as {@code \}{@code u202e}
     */
    public static String escaped(String text) {
        if (text.codePoints().noneMatch(ControlCharacters::isEscaped)) {
            return text;
        }
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            if (isEscaped(c)) {
                for (char unit : Character.toChars(c)) {
                    escaped.append("\\u%04x".formatted((int) unit));
                }
            } else {
                escaped.appendCodePoint(c);
            }
        });
        return escaped.toString();
    }

    private static boolean isEscaped(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> true;
            default -> false;
        };
    }
}
