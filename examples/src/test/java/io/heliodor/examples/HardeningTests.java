package io.heliodor.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.limit.ConnectionLimits;
import io.heliodor.limit.Limits;
import io.heliodor.limit.RateLimits;
import io.heliodor.limit.SessionLimits;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The defaults in the page about hardening are those of the code. */
class HardeningTests {
    private static final Pattern ROW =
            Pattern.compile("\\| `((?:connections|sessions|rates)\\.\\w+)` \\| ([^|]+) \\|.*");

    @Test
    void thePageHasTheDefaultsOfTheLimits() {
        ConnectionLimits connections = Limits.openInternet().connections();
        SessionLimits sessions = Limits.openInternet().sessions();
        RateLimits rates = Limits.openInternet().rates();
        Map<String, String> expected = new LinkedHashMap<>();
        expected.put("connections.max", number(connections.max()));
        expected.put("connections.maxPerAddress", number(connections.maxPerAddress()));
        expected.put("connections.maxHandshakesOfLoopback", number(connections.maxHandshakesOfLoopback()));
        expected.put("sessions.maxMessageBytes", sessions.maxMessageBytes() / (1 << 20) + " MiB");
        expected.put("sessions.maxChannels", number(sessions.maxChannels()));
        expected.put("rates.messages", rates.messages().isEmpty() ? "none" : "set");
        expected.put("rates.joins", rates.joins().isEmpty() ? "none" : "set");

        Map<String, String> listed = new LinkedHashMap<>();
        for (String line : Documents.prose(Documents.ROOT.resolve("docs/hardening.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                listed.put(row.group(1), row.group(2));
            }
        }
        assertThat(listed).isEqualTo(expected);
    }

    private static String number(int limit) {
        return limit == Integer.MAX_VALUE ? "none" : Integer.toString(limit);
    }
}
