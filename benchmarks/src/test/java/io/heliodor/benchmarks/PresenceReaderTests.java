package io.heliodor.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PresenceReaderTests {
    private final PresenceReader reader = new PresenceReader();
    private final List<String> came = new ArrayList<>();
    private final List<String> went = new ArrayList<>();

    private static PresenceReader.Sink into(List<String> names) {
        return (bytes, key, keyEnd, ref, refEnd) ->
                names.add(text(bytes, key, keyEnd) + " " + text(bytes, ref, refEnd));
    }

    private static String text(ByteBuffer bytes, int from, int to) {
        byte[] text = new byte[to - from];
        bytes.get(from, text);
        return new String(text, UTF_8);
    }

    /** The payload in a buffer, with other bytes before and after it. */
    private boolean state(String payload) {
        ByteBuffer bytes = ByteBuffer.wrap(("x" + payload.replace('\'', '"') + "]").getBytes(UTF_8));
        return reader.state(bytes, 1, bytes.limit() - 1, into(came));
    }

    private boolean diff(String payload) {
        ByteBuffer bytes = ByteBuffer.wrap(payload.replace('\'', '"').getBytes(UTF_8));
        return reader.diff(bytes, 0, bytes.limit(), into(came), into(went));
    }

    @Test
    void keysAndRefsOfAStateAreFound() {
        assertThat(state("{'ann':{'metas':[{'phx_ref':'1','online_at':17},{'device':'tv','phx_ref':'2'}]},"
                        + "'b\\'ob':{'name':{'phx_ref':'no','metas':[{}]},'metas':[{'phx_ref':'3'}]}}"))
                .isTrue();
        assertThat(came).containsExactly("ann 1", "ann 2", "b\\\"ob 3");
    }

    @Test
    void anEmptyStateIsValid() {
        assertThat(state("{}")).isTrue();
        assertThat(came).isEmpty();
    }

    @Test
    void aDiffHasJoinsAndLeaves() {
        assertThat(diff("{'leaves':{'bob':{'metas':[{'phx_ref':'2'}]}},'at':[1,true,null,{}],"
                        + "'joins':{'ann':{'metas':[{'phx_ref':'3','phx_ref_prev':'1'}]}}}"))
                .isTrue();
        assertThat(came).containsExactly("ann 3");
        assertThat(went).containsExactly("bob 2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{}}",
                "{'ann'}",
                "{'ann':[]}",
                "{'ann':{'metas':{}}}",
                "{'ann':{'metas':[{'phx_ref':1}]}}",
                "{'ann':{'metas':[{'phx_ref':'1'}]}",
                "{'ann':{'metas':[],}}",
                "{'ann':{'metas':[{'phx_ref':'1\\"
            })
    void anInvalidStateIsRefused(String payload) {
        assertThat(state(payload)).isFalse();
    }
}
