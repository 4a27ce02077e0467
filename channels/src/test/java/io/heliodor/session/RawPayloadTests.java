package io.heliodor.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliodor.channel.Channel;
import io.heliodor.channel.Join;
import io.heliodor.channel.Reply;
import io.heliodor.channel.UserSocket;
import io.heliodor.event.Call;
import io.heliodor.event.Event;
import io.heliodor.event.JsonProfile;
import io.heliodor.event.Raw;
import io.heliodor.event.Reason;
import io.heliodor.session.telemetry.Counter;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Raw payloads of clients on a socket with each profile, and ready JSON of the server. */
class RawPayloadTests {
    record Change(int id, Raw row) {}

    private static final Call<Raw, Raw, Reason> ECHO = Call.of("echo", Raw.class, Raw.class);
    private static final Call<Change, Change, Reason> CHANGE = Call.of("change", Change.class, Change.class);
    private static final Event<Change> CHANGED = Event.of("changed", Change.class);

    @AutoClose
    private final TestServer server = new TestServer();

    private Client client;

    private static UserSocket.Builder<Object> socket() {
        return UserSocket.open()
                .channel(
                        "room:*",
                        Channel.join(join -> Join.ok("a", join.payload(Raw.class)))
                                .onJoined(room -> room.push(CHANGED, new Change(1, Raw.of(" [1e400]"))))
                                .answer(ECHO, (raw, room) -> Reply.ok(raw))
                                .answer(CHANGE, (change, room) -> Reply.ok(change))
                                .onUnhandled((event, raw, room) -> room.push(Event.of("back", Raw.class), raw))
                                .build());
    }

    private void joins(String params) {
        client.sends("['3','3','room:42','phx_join'," + params + "]");
        client.receives("['3','3','room:42','phx_reply',{'status':'ok','response':" + params + "}]");
        client.receives("['3',null,'room:42','changed',{'id':1,'row':[1e400]}]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"{'a':1e400}", "{'a':1,'a':2}", "{'a':'\\ud800'}"})
    void allValidJsonIsPassedOnByDefault(String json) {
        client = server.connectTo(socket().build());
        joins(json);
        client.sends("['3','8','room:42','echo'," + json + "]");
        client.receives("['3','8','room:42','phx_reply',{'status':'ok','response':" + json + "}]");
        client.sends("['3','8','room:42','change',{'id':2,'row':" + json + "}]");
        client.receives("['3','8','room:42','phx_reply',{'status':'ok','response':{'id':2,'row':" + json + "}}]");
        client.sends("['3',null,'room:42','other'," + json + "]");
        client.receives("['3',null,'room:42','back'," + json + "]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'a':1e400}|contains a number beyond the range of a double",
                "{'a':1,'a':2}|contains an object with the same key twice",
                "{'a':'\\ud800'}|contains half of a surrogate pair"
            })
    void aClientCannotSendWhatOtherClientsRefuseIfTheSocketRefusesIt(String json, String problem) {
        client = server.connectTo(socket().rawPayloads(JsonProfile.I_JSON).build());
        client.sends("['3','3','room:42','phx_join'," + json + "]");
        client.receives("['3','3','room:42','phx_reply'," + refusal("", problem) + "]");
        joins("{'a':1}");
        client.sends("['3','8','room:42','echo'," + json + "]");
        client.receives("['3','8','room:42','phx_reply'," + refusal("", problem) + "]");
        client.sends("['3','8','room:42','change',{'id':2,'row':" + json + "}]");
        client.receives("['3','8','room:42','phx_reply'," + refusal("row", problem) + "]");
        client.sends("['3','8','room:42','other'," + json + "]");
        client.receives("['3','8','room:42','phx_reply'," + refusal("", problem) + "]");
        assertThat(server.count(Counter.PAYLOADS_INVALID)).isEqualTo(4);
    }

    private static String refusal(String field, String problem) {
        return "{'status':'error','response':{'reason':'invalid_payload','field':'" + field + "','message':'" + problem
                + "'}}";
    }
}
