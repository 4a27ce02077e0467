package io.heliodor.session;

import com.fasterxml.jackson.annotation.JsonValue;
import io.heliodor.channel.InfoMessage;
import io.heliodor.event.Call;
import io.heliodor.event.Empty;
import io.heliodor.event.Event;
import io.heliodor.event.InvalidPayload;
import io.heliodor.event.Reason;

/** Events, calls and info messages of the channels of these tests. */
final class Chat {
    record Text(String text) {}

    /** A payload that is not written as an object. */
    record Bare(@JsonValue Object value) {}

    record Amount(int number) {
        Amount {
            if (number < 0) {
                throw new InvalidPayload("number", "must not be negative");
            }
        }
    }

    /** Events of clients and of the server. */
    static final Event<Text> SAY = Event.of("say", Text.class);

    static final Event<Text> SHOUT = Event.of("shout", Text.class);
    static final Event<Amount> COUNT = Event.of("count", Amount.class);
    static final Event<Empty> GO = Event.of("go", Empty.class);

    /** Calls of clients. */
    static final Call<Text, Text, Reason> ASK = Call.of("ask", Text.class, Text.class);

    static final Call<Text, Text, Reason> DEFER = Call.of("defer", Text.class, Text.class);
    static final Call<Amount, Amount, Reason> ADD = Call.of("add", Amount.class, Amount.class);
    static final Call<Empty, Empty, Reason> PING = Call.of("ping", Empty.class, Empty.class);

    /** Info messages of the server. */
    static final InfoMessage<String> WORD = InfoMessage.of("word", String.class);

    static final InfoMessage<Integer> NUMBER = InfoMessage.of("number", Integer.class);

    private Chat() {}
}
