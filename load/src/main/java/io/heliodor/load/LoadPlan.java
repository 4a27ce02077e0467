package io.heliodor.load;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The plan of a run: the actions of its clients.
 *
 * @param url the address of the socket
 * @param topic the topic of a client, with a placeholder for its number
 * @param params the payload of its join
 * @param event the event that it sends; empty if it only joins
 * @param isCall whether the event is a call, whose reply is awaited
 * @param payload the payload, with placeholders
 * @param receives the event by which a message comes back; empty for none
 * @param receivers the members to which it comes
 * @param tokens the tokens, of which the clients take one in turn; empty for none
 * @param clients their number
 * @param rate messages a second, of all clients
 * @param ramp the time in which they connect
 * @param seconds the time of the load
 * @param timeout the time within which a message arrives
 */
record LoadPlan(
        URI url,
        String topic,
        String params,
        Optional<String> event,
        boolean isCall,
        String payload,
        Optional<String> receives,
        Receivers receivers,
        List<String> tokens,
        int clients,
        double rate,
        Duration ramp,
        Duration seconds,
        Duration timeout) {
    /** The placeholder for the number of the client, from 0. */
    static final String CLIENT = "{client}";

    /** The placeholder for the text that identifies a message. */
    static final String ID = "{id}";

    /** The members of a topic that get a message. */
    enum Receivers {
        ALL,
        OTHERS,
        SENDER
    }

    String topic(int client) {
        return topic.replace(CLIENT, Integer.toString(client));
    }

    String params(int client) {
        return params.replace(CLIENT, Integer.toString(client));
    }

    String payload(int client, String id) {
        return payload.replace(CLIENT, Integer.toString(client)).replace(ID, id);
    }

    /** The messages that are due in the whole time. */
    long messages() {
        return event.isEmpty() ? 0 : Math.max(1, (long) (rate * seconds.toNanos() / 1e9));
    }
}
