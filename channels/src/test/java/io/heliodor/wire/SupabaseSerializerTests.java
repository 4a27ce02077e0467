package io.heliodor.wire;

import static io.heliodor.wire.Messages.binary;
import static io.heliodor.wire.Messages.bytes;
import static io.heliodor.wire.Messages.decodeBinary;
import static io.heliodor.wire.Messages.hex;
import static io.heliodor.wire.Messages.ref;
import static io.heliodor.wire.Messages.text;
import static io.heliodor.wire.Messages.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.heliodor.event.json.JsonLimit;
import io.heliodor.wire.Malformed.Fault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SupabaseSerializerTests {
    private static final SupabaseSerializer SUPABASE = new SupabaseSerializer();
    private static final V2Serializer V2 = new V2Serializer();
    private static final int BYTES = 0;
    private static final int JSON = 1;

    @Test
    void jsonThatIsBroadcastComesAsAnEventWithAnEnvelope() {
        Frame frame = frame("03 01 01 0e 06 00 01 31 34 72 65 61 6c 74 69 6d 65 3a 6c 6f 62 62 79"
                + "63 75 72 73 6f 72 7b 22 78 22 3a 31 7d");
        assertThat(frame.joinRef()).isEqualTo(ref("'1'"));
        assertThat(frame.ref()).isEqualTo(ref("'4'"));
        assertThat(frame.topic()).isEqualTo("realtime:lobby");
        assertThat(frame.event()).isEqualTo("broadcast");
        assertThat(text(frame)).isEqualTo("{'type':'broadcast','event':'cursor','payload':{'x':1}}");
    }

    @Test
    void metadataComesInAdditionToThePayload() {
        assertThat(text(frame(userPush(JSON, "1", "2", "t", "e", "{'a':[1]}", "[1]"))))
                .isEqualTo("{'type':'broadcast','event':'e','payload':[1],'meta':{'a':[1]}}");
        assertThat(text(frame(userPush(JSON, "1", "2", "t", "e", "{}", "null"))))
                .isEqualTo("{'type':'broadcast','event':'e','payload':null}");
    }

    @Test
    void theNameOfAUsersEventIsQuoted() {
        assertThat(text(frame(userPush(JSON, "", "", "t", "\\é\n", "", "{}"))))
                .isEqualTo("{'type':'broadcast','event':'\\\\é\\n','payload':{}}");
        Frame frame = frame(userPush(JSON, "", "", "t", "", "", "{}"));
        assertThat(text(frame)).isEqualTo("{'type':'broadcast','event':'','payload':{}}");
        assertThat(frame.joinRef().isNull()).isTrue();
        assertThat(frame.ref().isNull()).isTrue();
    }

    @Test
    void bytesThatAreBroadcastComeAfterTheNameOfTheUsersEvent() {
        Frame frame = frame(userPush(BYTES, "1", "4", "realtime:é", "cursor", "", "\u0001\u0002"));
        assertThat(frame.topic()).isEqualTo("realtime:é");
        assertThat(frame.event()).isEqualTo("broadcast");
        assertThat(frame.payload()).isInstanceOf(Payload.Binary.class);
        assertThat(hex(bytes(frame.payload()))).isEqualTo("06 00 63 75 72 73 6f 72 01 02");
    }

    @Test
    void bytesGoOutAsKindFour() {
        Frame frame = frame(userPush(BYTES, "1", "4", "t", "cursor", "{'a':1}", "\u0001\u0002"));
        byte[] message = SUPABASE.broadcast(Ref.NULL, "t", "broadcast", frame.payload());
        assertThat(hex(message)).isEqualTo("04 01 06 07 00 74 63 75 72 73 6f 72 7b 22 61 22 3a 31 7d 01 02");
        assertThat(Serializer.isBinary(message)).isTrue();
        assertThat(SUPABASE.push(ref("'1'"), Ref.NULL, "t", "broadcast", frame.payload()))
                .isEqualTo(message);
        assertThat(hex(SUPABASE.broadcast(Ref.NULL, "é", "broadcast", binary("00 00"))))
                .isEqualTo("04 02 00 00 00 c3 a9");
    }

    @Test
    void jsonGoesOutAsText() {
        Payload payload =
                frame(userPush(JSON, "1", "4", "t", "e", "", "{'x':1}")).payload();
        assertThat(text(SUPABASE.broadcast(Ref.NULL, "t", "broadcast", payload)))
                .isEqualTo("[null,null,'t','broadcast',{'type':'broadcast','event':'e','payload':{'x':1}}]");
        assertThat(text(SUPABASE.push(ref("'1'"), Ref.NULL, "t", "broadcast", payload)))
                .isEqualTo("['1',null,'t','broadcast',{'type':'broadcast','event':'e','payload':{'x':1}}]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "00",
                "01 00", // an absent name
                "00 01",
                "02 00 61",
                "01 00 ff", // a name that is not UTF-8
                "01 01 c3 a9",
                "00 01 31", // metadata that is not an object
                "00 02 5b 5d",
                "00 02 7b 5d",
                "00 03 7b 7d 20",
                "00 ff 7b 7d"
            })
    void otherBytesOfTheEventAreUnsupported(String hex) {
        assertThat(SUPABASE.broadcast(Ref.NULL, "t", "broadcast", binary(hex))).isSameAs(Serializer.UNSUPPORTED);
        assertThat(SUPABASE.push(Ref.NULL, Ref.NULL, "t", "broadcast", binary(hex)))
                .isSameAs(Serializer.UNSUPPORTED);
    }

    @Test
    void allOtherMessagesAreThoseOfVersionTwo() {
        assertThat(SUPABASE.broadcast(Ref.NULL, "t", "e", binary("00 00")))
                .isEqualTo(V2.broadcast(Ref.NULL, "t", "e", binary("00 00")));
        assertThat(SUPABASE.push(ref("'1'"), Ref.NULL, "t", "e", binary("00 00")))
                .isEqualTo(V2.push(ref("'1'"), Ref.NULL, "t", "e", binary("00 00")));
        assertThat(SUPABASE.reply(ref("'1'"), ref("'2'"), "t", "ok", binary("00 00")))
                .isEqualTo(V2.reply(ref("'1'"), ref("'2'"), "t", "ok", binary("00 00")));
        Frame frame = frame("00 01 01 01 01 33 37 74 65 ff");
        assertThat(frame.event()).isEqualTo("e");
        assertThat(hex(bytes(frame.payload()))).isEqualTo("ff");
        assertThat(Messages.frame(Messages.decodeText(SUPABASE, "['1','2','t','e',{}]"))
                        .event())
                .isEqualTo("e");
    }

    @Test
    void aMemberOfPlainVersionTwoGetsTheNameAndTheBytes() {
        Payload payload =
                frame(userPush(BYTES, "1", "4", "t", "e", "", "\u0001")).payload();
        assertThat(hex(V2.broadcast(Ref.NULL, "t", "broadcast", payload)))
                .isEqualTo("02 01 09 74 62 72 6f 61 64 63 61 73 74 01 00 65 01");
        Frame sentBack = frame("00 00 00 01 09 74 62 72 6f 61 64 63 61 73 74 01 00 65 01");
        assertThat(hex(SUPABASE.broadcast(Ref.NULL, "t", "broadcast", sentBack.payload())))
                .isEqualTo("04 01 01 00 00 74 65 01");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "03",
                "03 00 00 00 00 00",
                "03 00 00 01 01 00 01 74",
                "03 ff 00 01 01 00 01 74 65 31",
                "03 ff ff ff ff ff 01",
                "03 00 00 01 01 00 01 74 65", // not JSON
                "03 00 00 01 01 00 01 74 65 7b",
                "03 00 00 01 01 00 01 74 65 31 20",
                "03 00 00 01 01 00 01 74 65 31 2c 22 61 22 3a 31", // one value, and a key that is not expected
                "03 00 00 01 01 00 01 74 65 22 ff 22",
                "03 00 00 01 01 01 01 74 65 31 31", // metadata that is not an object
                "03 00 00 01 01 02 00 74 65 5b 5d",
                "03 00 00 01 01 03 00 74 65 7b 7d 7d",
                "03 00 00 01 01 00 02 74 65 31", // an unknown encoding
                "03 00 00 01 01 00 ff 74 65 31",
                "03 01 00 01 01 00 01 ff 74 65 31", // names that are not UTF-8
                "03 00 01 01 01 00 01 ff 74 65 31",
                "03 00 00 01 01 00 01 ff 65 31",
                "03 00 00 01 01 00 00 74 ff 31",
                "03 00 00 01 01 00 00 c3 a9",
                "04 01 01 00 01 74 65 31",
                "01 00 00 01 01 74 65",
                "05 00 00 01 01 74 65"
            })
    void otherBinaryIsBad(String hex) {
        assertThat(decodeBinary(SUPABASE, hex)).isEqualTo(new Malformed(Fault.BAD_BINARY));
    }

    @Test
    void theBoundsOfAMessageApplyToOutgoingMessages() {
        String deepest = "[".repeat(62) + "]".repeat(62);
        Payload payload = frame(userPush(JSON, "1", "4", "t", "e", "", deepest)).payload();
        byte[] out = SUPABASE.broadcast(Ref.NULL, "t", "broadcast", payload);
        assertThat(V2.decodeText(out, 0, out.length)).isInstanceOf(Frame.class);
        assertThat(limit(userPush(JSON, "1", "4", "t", "e", "", "[" + deepest + "]")))
                .isEqualTo(JsonLimit.DEPTH);
        assertThat(limit(userPush(JSON, "1", "4", "t", "e", "{'a':" + "9".repeat(101) + "}", "{}")))
                .isEqualTo(JsonLimit.NUMBER);
        assertThat(limit(userPush(BYTES, "1", "4", "t", "e", "{'a':" + "9".repeat(101) + "}", "1")))
                .isEqualTo(JsonLimit.NUMBER);
        assertThat(SUPABASE.broadcast(Ref.NULL, "t", "broadcast", beyondLimits()))
                .isSameAs(Serializer.UNSUPPORTED);
    }

    @Test
    void theLongestHeaderIsRead() {
        String name = "é".repeat(127) + "x";
        String meta = "{'a':'" + "m".repeat(247) + "'}";
        Frame frame = frame(userPush(BYTES, name, name, name, name, meta, "1"));
        assertThat(frame.topic()).isEqualTo(name);
        assertThat(frame.ref()).isEqualTo(Ref.of(name));
        assertThat(SUPABASE.broadcast(Ref.NULL, name, "broadcast", frame.payload()))
                .hasSize(5 + 3 * 255 + 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SUPABASE.broadcast(Ref.NULL, name + "x", "broadcast", frame.payload()))
                .withMessageContaining("256 bytes");
    }

    private static Payload.Binary beyondLimits() {
        byte[] meta = utf8("{'a':" + "9".repeat(101) + "}");
        byte[] bytes = new byte[2 + meta.length];
        bytes[1] = (byte) meta.length;
        System.arraycopy(meta, 0, bytes, 2, meta.length);
        return new Payload.Binary(bytes, 0, bytes.length);
    }

    private static JsonLimit limit(String hex) {
        return Messages.limit(decodeBinary(SUPABASE, hex));
    }

    private static Frame frame(String hex) {
        return Messages.frame(decodeBinary(SUPABASE, hex));
    }

    /** A message of kind 3. */
    private static String userPush(int encoding, String... parts) {
        StringBuilder hex = new StringBuilder("03");
        for (int i = 0; i < 5; i++) {
            hex.append("%02x".formatted(Messages.utf8(parts[i]).length));
        }
        hex.append("%02x".formatted(encoding));
        for (String part : parts) {
            hex.append(hex(Messages.utf8(part)));
        }
        return hex.toString();
    }
}
