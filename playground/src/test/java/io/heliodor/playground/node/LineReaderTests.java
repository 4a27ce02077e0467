package io.heliodor.playground.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.playground.node.LineReader.Read;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LineReaderTests {
    private static List<Read> read(String text) throws IOException {
        LineReader reader = new LineReader(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), 5);
        List<Read> all = new ArrayList<>();
        do {
            all.add(reader.next());
        } while (!(all.getLast() instanceof Read.End));
        return all;
    }

    @Test
    void aLineEndsWithALineFeedOrTheInput() throws Exception {
        assertThat(read("äö\n\nwin\r\nlast"))
                .containsExactly(
                        new Read.Line("äö"),
                        new Read.Line(""),
                        new Read.Line("win"),
                        new Read.Line("last"),
                        new Read.End());
        assertThat(read("")).containsExactly(new Read.End());
    }

    @Test
    void aLineThatIsTooLongIsSkipped() throws Exception {
        assertThat(read("12345\n123456\nnext"))
                .containsExactly(new Read.Line("12345"), new Read.TooLong(), new Read.Line("next"), new Read.End());
    }
}
