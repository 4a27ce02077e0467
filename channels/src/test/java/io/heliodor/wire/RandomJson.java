package io.heliodor.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** JSON texts, and texts that are almost JSON, from a seed. */
final class RandomJson {
    private static final String[] REFS = {"null", "\"1\"", "\"23\"", "4", "\"\\u0031\"", "true"};
    private static final String[] NAMES = {
        "\"room:42\"", "\"phx_join\"", "\"\"", "\"é\"", "\"a\\/b\"", "\"a name of some length\""
    };
    private static final String[] SCALARS = {
        "null",
        "true",
        "false",
        "0",
        "-0",
        "17",
        "-1.5",
        "1e9",
        "2.5E-3",
        "123456789012345678901234567890",
        "\"\"",
        "\"a\"",
        "\"quite a long plain string\"",
        "\"\\n\\u00e9\\\"\"",
        "\"\\ud83d\"",
        "\"é€😀\"",
        "\"tab\\tand /\""
    };
    private static final String[] SPACES = {"", "", "", "", " ", "\n", "\t \r"};
    private static final byte[] LIKELY =
            "{}[]\",:\\ \n0123456789-+.eEtrufalsn/\u0000".getBytes(StandardCharsets.US_ASCII);

    private final Random random;

    RandomJson(long seed) {
        this.random = new Random(seed);
    }

    /** Returns a value, with white space around it in some cases. */
    String value(int depth) {
        int kind = depth == 0 ? 0 : random.nextInt(4);
        StringBuilder text = new StringBuilder(space());
        if (kind < 2) {
            text.append(any(SCALARS));
        } else {
            int size = random.nextInt(4);
            text.append(kind == 2 ? '[' : '{').append(space());
            for (int i = 0; i < size; i++) {
                text.append(i == 0 ? "" : ",");
                if (kind == 3) {
                    text.append(space())
                            .append('"')
                            .append(any(new String[] {"", "a", "b\\n", "é"}))
                            .append('"')
                            .append(space())
                            .append(':');
                }
                text.append(value(depth - 1));
            }
            text.append(kind == 2 ? ']' : '}');
        }
        return text.append(space()).toString();
    }

    /** Returns a frame as a client might send it. */
    String frame() {
        return space() + "[" + space() + any(REFS) + space() + "," + space() + any(REFS) + space() + "," + any(NAMES)
                + "," + space() + any(NAMES) + "," + value(3) + (random.nextInt(5) == 0 ? "," + value(2) : "") + "]"
                + space();
    }

    /** Returns a frame as an object, in any order, with keys that come twice or have no meaning. */
    String objectFrame() {
        List<String> members = new ArrayList<>();
        members.add(any(new String[] {"\"topic\"", "\"t\\u006fpic\""}) + space() + ":" + space() + any(NAMES));
        members.add(any(new String[] {"\"event\"", "\"e\\u0076ent\""}) + ":" + any(NAMES) + space());
        members.add("\"payload\":" + value(3));
        members.add("\"ref\":" + any(REFS));
        for (int more = random.nextInt(5); more > 0; more--) {
            members.add(
                    switch (random.nextInt(4)) {
                        case 0 -> "\"join_ref\"" + space() + ":" + any(REFS);
                        case 1 -> "\"payload\":" + value(1);
                        case 2 -> "\"topic\":" + any(NAMES);
                        default -> any(new String[] {"\"\"", "\"topics\"", "\"re\\nf\"", "\"é\""}) + ":" + value(2);
                    });
        }
        Collections.shuffle(members, random);
        return space() + "{" + space() + String.join("," + space(), members) + "}" + space();
    }

    /** Returns a text with a few bytes changed, added, dropped, doubled or cut off. */
    byte[] mutated(String text) {
        return mutated(text, StandardCharsets.UTF_8);
    }

    byte[] mutated(String text, Charset charset) {
        byte[] bytes = text.getBytes(charset);
        for (int changes = random.nextInt(4); changes > 0; changes--) {
            int at = random.nextInt(bytes.length + 1);
            int dropped = Math.min(random.nextInt(3), bytes.length - at);
            ByteArrayOutputStream next = new ByteArrayOutputStream();
            next.write(bytes, 0, at);
            switch (random.nextInt(5)) {
                case 0 -> next.write(random.nextInt(256));
                case 1 -> next.write(LIKELY[random.nextInt(LIKELY.length)]);
                case 2 -> next.write(bytes, at, dropped);
                default -> {}
            }
            int rest = random.nextInt(8) == 0 ? bytes.length : at + dropped;
            next.write(bytes, rest, bytes.length - rest);
            bytes = next.toByteArray();
        }
        return bytes;
    }

    private String space() {
        return any(SPACES);
    }

    private String any(String[] choices) {
        return choices[random.nextInt(choices.length)];
    }
}
