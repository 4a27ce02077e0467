package io.heliodor.wire;

import static io.heliodor.wire.Messages.binary;
import static io.heliodor.wire.Messages.decodeBinary;
import static io.heliodor.wire.Messages.json;
import static io.heliodor.wire.Messages.ref;
import static io.heliodor.wire.Messages.text;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.event.json.JsonLimit;
import io.heliodor.wire.Malformed.Fault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class V1SerializerTests {
    private static final V1Serializer V1 = new V1Serializer();

    @Test
    void aPushOfAClientIsRead() {
        Frame frame = frame("{'topic':'room:42','event':'save','payload':{'a':1},'ref':'8','join_ref':'3'}");
        assertThat(frame.joinRef()).isEqualTo(ref("'3'"));
        assertThat(frame.ref()).isEqualTo(ref("'8'"));
        assertThat(frame.topic()).isEqualTo("room:42");
        assertThat(frame.event()).isEqualTo("save");
        assertThat(text(frame)).isEqualTo("{'a':1}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",'join_ref':null"})
    void aJoinRefMayBeMissing(String more) {
        Frame frame = frame("{'topic':'phoenix','event':'heartbeat','payload':{},'ref':'12'" + more + "}");
        assertThat(frame.joinRef().isNull()).isTrue();
        assertThat(frame.ref()).isEqualTo(ref("'12'"));
        assertThat(frame.topic()).isEqualTo("phoenix");
        assertThat(frame.event()).isEqualTo("heartbeat");
    }

    @Test
    void theOrderOfTheKeysAndTheSpaceAroundThemDoNotMatter() {
        Frame frame = frame(" {\n'ref' : null ,\t'payload' : [ 1 ] , 'join_ref':1,'event': 'e' ,'topic':'t' } \r\n");
        assertThat(frame.joinRef()).isEqualTo(ref("1"));
        assertThat(frame.ref().isNull()).isTrue();
        assertThat(frame.topic()).isEqualTo("t");
        assertThat(frame.event()).isEqualTo("e");
        assertThat(text(frame)).isEqualTo("[ 1 ]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "true", "-1.5e3", "'text'", "[]", "[1, {'a': [ ]}]", "'\\ud800'"})
    void aPayloadIsAnyJsonValue(String payload) {
        assertThat(text(frame("{'topic':'t','event':'e','payload':" + payload + ",'ref':'1'}")))
                .isEqualTo(payload);
    }

    @Test
    void theLastOfTwoEqualKeysCounts() {
        Frame frame = frame("{'topic':[],'event':'a','payload':1,'ref':{},'join_ref':[],'topic':'t','ref':'1',"
                + "'event':'b','payload':2,'join_ref':'3'}");
        assertThat(frame.topic()).isEqualTo("t");
        assertThat(frame.event()).isEqualTo("b");
        assertThat(text(frame)).isEqualTo("2");
        assertThat(frame.ref()).isEqualTo(ref("'1'"));
        assertThat(frame.joinRef()).isEqualTo(ref("'3'"));
        assertThat(fault("{'topic':'t','event':'e','payload':1,'ref':1,'topic':2}"))
                .isEqualTo(Fault.NOT_A_FRAME);
    }

    @Test
    void otherKeysAreCheckedAndIgnored() {
        Frame frame = frame("{'':0,'topi':1,'topics':2,'Topic':3,'topic':'t','x\\u0022':{'topic':'no','ref':[]},"
                + "'event':'e','payload':{'event':4},'ref':'1','status':null}");
        assertThat(frame.topic()).isEqualTo("t");
        assertThat(frame.event()).isEqualTo("e");
        assertThat(fault("{'topic':'t','event':'e','payload':{},'ref':'1','x':[}"))
                .isEqualTo(Fault.NOT_JSON);
    }

    @Test
    void aKeyMayBeWrittenWithEscapes() {
        Frame frame = frame("{'\\u0074opic':'t','ev\\u0065nt':'e','p\\u0061yloa\\u0064':{},'re\\u0066':'1',"
                + "'join\\u005Fref':'3','top\\\\ic':4,'\\'topic':5,'event\\u0000':6}");
        assertThat(frame.topic()).isEqualTo("t");
        assertThat(frame.event()).isEqualTo("e");
        assertThat(frame.ref()).isEqualTo(ref("'1'"));
        assertThat(frame.joinRef()).isEqualTo(ref("'3'"));
        assertThat(text(frame)).isEqualTo("{}");
    }

    @Test
    void topicAndEventAreDecoded() {
        Frame frame = frame("{'topic':'r\\u00f6om:é','event':'a\\/b\\n\\ud83d\\ude00','payload':{},'ref':'1'}");
        assertThat(frame.topic()).isEqualTo("röom:é");
        assertThat(frame.event()).isEqualTo("a/b\n😀");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                " { } ",
                "{'event':'e','payload':{},'ref':'1'}",
                "{'topic':'t','payload':{},'ref':'1'}",
                "{'topic':'t','event':'e','ref':'1'}",
                "{'topic':'t','event':'e','payload':{}}",
                "{'topic':1,'event':'e','payload':{},'ref':'1'}",
                "{'topic':'t','event':null,'payload':{},'ref':'1'}",
                "{'topic':'t','event':['e'],'payload':{},'ref':'1'}",
                "[]",
                "[null,'1','t','e',{}]",
                "[{'topic':'t','event':'e','payload':{},'ref':'1'}]",
                "null",
                "'text'",
                "1"
            })
    void jsonThatIsNotAFrameIsReportedAsSuch(String text) {
        assertThat(fault(text)).isEqualTo(Fault.NOT_A_FRAME);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{'topic'",
                "{'topic':",
                "{'topic':'t','event':'e','payload':{},'ref':'1'",
                "{'topic':'t','event':'e','payload':{},'ref':'1',}",
                "{'topic':'t','event':'e','payload':{},'ref':'1'}}",
                "{'topic':'t','event':'e','payload':{},'ref':'1'} x",
                "{'topic':'t','event':'e','payload':{},'ref':'1']",
                "{'topic':'t' 'event':'e','payload':{},'ref':'1'}",
                "{,'topic':'t','event':'e','payload':{},'ref':'1'}",
                "{topic:'t','event':'e','payload':{},'ref':'1'}",
                "{'topic','t','event':'e','payload':{},'ref':'1'}",
                "{'topic':'t','event':'e','payload':,'ref':'1'}",
                "\ufeff{'topic':'t','event':'e','payload':{},'ref':'1'}"
            })
    void textThatIsNotJsonIsReportedAsSuch(String text) {
        assertThat(fault(text)).isEqualTo(Fault.NOT_JSON);
    }

    @ParameterizedTest
    @CsvSource({
        "'{\"topic\":\"\u00ff\"}'",
        "'{\"\u00c0\u0080\":1}'",
        "'{\"topic\":\"t\",\"event\":\"e\",\"payload\":{},\"ref\":\"1\"}\u00c3'",
        "'not json at all \u00e2\u0082'"
    })
    void brokenUtf8IsReportedAsSuch(String bytes) {
        byte[] message = bytes.getBytes(ISO_8859_1);
        assertThat(V1.decodeText(message, 0, message.length)).isEqualTo(new Malformed(Fault.NOT_UTF8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"'1'", "1", "1.0", "true", "''", "'é'", "-0", "'null'"})
    void aRefIsAnyScalarAndEchoedAsItCame(String json) {
        Frame frame = frame(withRefs(json, json));
        assertThat(frame.joinRef()).isEqualTo(frame.ref()).isEqualTo(ref(json));
        assertThat(text(V1.reply(frame.joinRef(), frame.ref(), "t", "ok", json("{}"))))
                .endsWith(",'ref':" + json + "}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "{}", "[1]", "{'a':1}"})
    void aRefThatIsNotAScalarIsBad(String json) {
        assertThat(fault(withRefs(json, "'1'"))).isEqualTo(Fault.BAD_REF);
        assertThat(fault(withRefs("'1'", json))).isEqualTo(Fault.BAD_REF);
    }

    @Test
    void aRefOf255BytesIsTheLongest() {
        String longest = "'" + "é".repeat(127) + "x'";
        assertThat(frame(withRefs(longest, longest)).ref()).isEqualTo(ref(longest));
        String more = "'" + "é".repeat(128) + "'";
        assertThat(fault(withRefs(more, "'1'"))).isEqualTo(Fault.BAD_REF);
        assertThat(fault(withRefs("'1'", more))).isEqualTo(Fault.BAD_REF);
    }

    @Test
    void theLimitsAreThoseOfVersionTwo() {
        String head = "{'topic':'t','event':'e','ref':'1','payload':";
        assertThat(text(frame(head + "[".repeat(63) + "]".repeat(63) + "}"))).hasSize(126);
        assertThat(limit(head + "[".repeat(64) + "]".repeat(64) + "}")).isEqualTo(JsonLimit.DEPTH);
        assertThat(limit(head + "9".repeat(101) + "}")).isEqualTo(JsonLimit.NUMBER);
        assertThat(limit(head + "{},'" + "k".repeat(1_001) + "':1}")).isEqualTo(JsonLimit.KEY);

        assertThat(text(frame(head + "1" + ",'k':0".repeat(100_000) + "}"))).isEqualTo("1");
        assertThat(frame(head + "'" + "\\n".repeat(100_000) + "'}").topic()).isEqualTo("t");
    }

    @Test
    void aFrameBeyondALimitHasItsTopicAndItsRefInAnyOrder() {
        String deep = "[".repeat(64) + "]".repeat(64);
        OverLimit outcome =
                (OverLimit) Messages.decodeText(V1, "{'payload':" + deep + ",'topic':'t','event':'e','ref':'1'}");
        assertThat(outcome.frame().topic()).isEqualTo("t");
        assertThat(outcome.frame().ref()).isEqualTo(ref("'1'"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "00 01 01 01 01 33 38 74 65 01", "02 01 01 74 65", "7b 7d"})
    void thereAreNoBinaryMessagesIn(String hex) {
        assertThat(decodeBinary(V1, hex)).isEqualTo(new Malformed(Fault.BAD_BINARY));
    }

    @Test
    void thereAreNoBinaryMessagesOut() {
        assertThat(V1.reply(Ref.NULL, ref("'1'"), "t", "ok", binary("01"))).isSameAs(Serializer.UNSUPPORTED);
        assertThat(V1.push(ref("'3'"), Ref.NULL, "t", "e", binary("01"))).isSameAs(Serializer.UNSUPPORTED);
        assertThat(V1.broadcast(Ref.NULL, "t", "e", binary("01"))).isSameAs(Serializer.UNSUPPORTED);
    }

    @Test
    void aReplyIsCompactAndHasNoJoinRef() {
        assertThat(text(V1.reply(ref("'3'"), ref("'8'"), "room:42", "ok", json("{'id':9}"))))
                .isEqualTo("{'topic':'room:42','event':'phx_reply',"
                        + "'payload':{'status':'ok','response':{'id':9}},'ref':'8'}");
        assertThat(text(V1.reply(Ref.NULL, Ref.NULL, "t", "error", json("[1]"))))
                .isEqualTo("{'topic':'t','event':'phx_reply',"
                        + "'payload':{'status':'error','response':[1]},'ref':null}");
    }

    @Test
    void aPushAndABroadcastAreCompactAndHaveNoJoinRef() {
        assertThat(text(V1.push(ref("'3'"), Ref.NULL, "room:42", "tick", json("{'n':5}"))))
                .isEqualTo("{'topic':'room:42','event':'tick','payload':{'n':5},'ref':null}");
        assertThat(text(V1.push(ref("'3'"), ref("'3'"), "room:42", "phx_close", json("{}"))))
                .isEqualTo("{'topic':'room:42','event':'phx_close','payload':{},'ref':'3'}");
        assertThat(text(V1.broadcast(Ref.NULL, "room:42", "shout", json("{'t':'hey'}"))))
                .isEqualTo("{'topic':'room:42','event':'shout','payload':{'t':'hey'},'ref':null}");
    }

    @Test
    void theOffsetOfABroadcastIsItsRef() {
        assertThat(text(V1.broadcast(Ref.of("@17"), "history:a", "shout", json("{}"))))
                .isEqualTo("{'topic':'history:a','event':'shout','payload':{},'ref':'@17'}");
    }

    @Test
    void textGoesOutAsUtf8() {
        assertThat(text(V1.broadcast(Ref.NULL, "röom:😀", "é\u0001\\\ud800", json("{'t':'ü'}"))))
                .isEqualTo("{'topic':'röom:😀','event':'é\\u0001\\\\\\ud800','payload':{'t':'ü'},'ref':null}");
    }

    @Test
    void writtenMessagesCarryNoJoinRef() {
        assertThat(V1.carriesJoinRef()).isFalse();
    }

    private static String withRefs(String ref, String joinRef) {
        return "{'topic':'t','event':'e','payload':{},'ref':" + ref + ",'join_ref':" + joinRef + "}";
    }

    private static Frame frame(String json) {
        return Messages.frame(Messages.decodeText(V1, json));
    }

    private static JsonLimit limit(String json) {
        return Messages.limit(Messages.decodeText(V1, json));
    }

    private static Fault fault(String json) {
        return Messages.fault(Messages.decodeText(V1, json));
    }

    @Test
    void anEnvelopeAroundAPayloadIsAPush() {
        Serializer.Envelope envelope = V1.envelope(Ref.of("3"), Ref.NULL, "room:\"é", "presence_state");
        String push = text(V1.push(Ref.of("3"), Ref.NULL, "room:\"é", "presence_state", Messages.json("{'a':1}")));
        assertThat(text(envelope.head()) + "{'a':1}" + text(envelope.tail())).isEqualTo(push);
    }
}
