package io.heliodor.presence;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.event.json.JsonWeight;
import io.heliodor.log.BoundedLog;
import io.heliodor.presence.Replication.Change;
import io.heliodor.presence.ShardCatchUp.CopyProgress;
import io.heliodor.presence.ShardCatchUp.Part;
import io.heliodor.presence.ShardCatchUp.Request;
import io.heliodor.presence.ShardCatchUp.Response;
import io.heliodor.presence.crdt.CopyPage;
import io.heliodor.presence.crdt.Delta;
import io.heliodor.presence.crdt.Dot;
import io.heliodor.presence.crdt.Entry;
import io.heliodor.presence.crdt.ReplicaId;
import io.heliodor.pubsub.MessageFormat;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ReplicationFormatTests {
    private static final ReplicaId REPLICA = new ReplicaId("größe@host", -2);
    private static final List<Entry<String>> ENTRIES = List.of(
            new Entry<>(new Dot(REPLICA, 2), "room:1", "ann", 0, "web", null),
            new Entry<>(new Dot(REPLICA, 298), "room:1", "bob", 0, "tv", new Dot(REPLICA, 130)),
            new Entry<>(new Dot(REPLICA, 299), "room:2", "bob", 0, "", null));
    private static final Delta<String> DELTA = new Delta<>(REPLICA, 1, 300, ENTRIES, List.of(1L, 130L));
    private static final CopyPage<String> PAGE = new CopyPage<>(REPLICA, 301, 1, 299, ENTRIES);

    /** A change, a request, a response with a delta and a page, and one with neither that is to be continued. */
    private static final String BYTES = """
            013f0c6772c3b6c39f6540686f7374fffffffffffffffe01ac02030006726f6f6d3a31020003616e6e0377656201aa02\
            820103626f620274760006726f6f6d3a32ab020003626f620002018201
            01010c6772c3b6c39f6540686f7374fffffffffffffffe6465666768696a6b6c6d6e6f707172737475767778797a7b7c\
            7d7e7f80018101820183018401850186018701880189018a018b018c018d018e018f0190019101920193019401950196\
            019701980199019a019b019c019d019e019f01a001a101a201a301010c6772c3b6c39f6540686f7374ffffffffffffff\
            fe3f8201
            0101003f0c6772c3b6c39f6540686f7374fffffffffffffffe01ac02030006726f6f6d3a31020003616e6e0377656201\
            aa02820103626f620274760006726f6f6d3a32ab020003626f6200020182010101010c6772c3b6c39f6540686f7374ff\
            fffffffffffffead0201ab02030006726f6f6d3a31020003616e6e0377656201aa02820103626f620274760006726f6f\
            6d3a32ab020003626f62000000
            010001
            """;

    private final ReplicationFormat<String> format = new ReplicationFormat<>(
            new MessageFormat<>() {
                @Override
                public byte[] write(String message) {
                    return message.getBytes(UTF_8);
                }

                @Override
                public Optional<String> read(byte[] bytes) {
                    return Optional.of(new String(bytes, UTF_8));
                }
            },
            JsonWeight.of(String.class),
            new BoundedLog(LoggerFactory.getLogger("io.heliodor.presence"), "metadata", () -> 0));

    private byte[] write(Response<String> response) {
        ReplicationFormat<String>.ResponseWriter writer = format.responseWriter();
        response.parts().forEach(part -> {
            switch (part) {
                case Part.Changed<String>(int shard, Delta<String> delta) ->
                    assertThat(writer.add(shard, delta, 1_000)).isTrue();
                case Part.Copied<String>(int shard, CopyPage<String> page) -> writer.add(shard, page, 1_000);
            }
        });
        return writer.toBytes(response.more());
    }

    /** Other bytes are another wire: see docs/design/upgrade.md. */
    @Test
    void theBytesAreThoseOfTheWire() {
        List<Long> versions =
                LongStream.range(100, 100 + ShardIndex.COUNT).boxed().toList();
        Request request = new Request(Map.of(REPLICA, versions), List.of(new CopyProgress(REPLICA, 63, 130)));
        List<Part<String>> parts = List.of(new Part.Changed<>(63, DELTA), new Part.Copied<>(1, PAGE));
        List<byte[]> written = List.of(
                format.write(new Change<>(63, DELTA)),
                format.write(request),
                write(new Response<>(parts, false)),
                write(new Response<>(List.of(), true)));
        assertThat(written)
                .extracting(HexFormat.of()::formatHex)
                .containsExactlyElementsOf(BYTES.lines().toList());
        List<byte[]> again = List.of(
                format.write(format.read(written.get(0)).orElseThrow()),
                format.write(format.readRequest(written.get(1)).orElseThrow()),
                write(format.readResponse(written.get(2)).orElseThrow()),
                write(format.readResponse(written.get(3)).orElseThrow()));
        assertThat(again).containsExactlyElementsOf(written);
    }
}
