package io.heliodor.dashboard;

/** Texts of clients as the page gets them. */
final class ShownText {
    private ShownText() {}

    /** A text that is not longer than a topic may be. A half of a pair of surrogates would be no text for the page. */
    static String of(String text) {
        if (text.length() <= Search.MAX_TEXT) {
            return text;
        }
        int end = Search.MAX_TEXT - 1;
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end) + "…";
    }
}
