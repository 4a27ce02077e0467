package io.heliodor.playground.node;

import java.time.Duration;

/** A parsed command, or {@link Malformed}. */
sealed interface Command {
    /** The timeout of a command without MS. */
    Duration LIMIT = Duration.ofSeconds(10);

    /** The time after which the command gets a reply in any case. */
    default Duration limit() {
        return LIMIT;
    }

    record Self() implements Command {}

    record Members() implements Command {}

    record Connect(Address address) implements Command {}

    record Disconnect() implements Command {}

    record Ping(String node) implements Command {}

    record Health() implements Command {}

    record Register(String name) implements Command {}

    record Unregister(String name) implements Command {}

    record Lookup(String name) implements Command {}

    record Names() implements Command {}

    record Send(String name, String text) implements Command {}

    record Call(String name, String text, Duration limit) implements Command {}

    record Inbox(String name) implements Command {}

    record Stop(String name, boolean crash) implements Command {}

    record Monitor(String name) implements Command {}

    record Join(String group) implements Command {}

    record Leave(String group) implements Command {}

    record Group(String group) implements Command {}

    record Broadcast(String group, String text) implements Command {}

    record Serve(String procedure) implements Command {}

    record Rpc(String node, String procedure, String json, Duration limit) implements Command {}

    record Campaign(String election) implements Command {}

    record Resign(String election) implements Command {}

    record Leader(String election) implements Command {}

    record Put(String key, String value) implements Command {}

    record Get(String key) implements Command {}

    record Metadata(String node) implements Command {}

    record Subscribe(String topic) implements Command {}

    record Publish(String topic, String text) implements Command {}

    record Track(String topic, String key) implements Command {}

    record Untrack(String topic, String key) implements Command {}

    record Present(String topic) implements Command {}

    record Help() implements Command {}

    record Stats() implements Command {}

    record Quit() implements Command {}

    /** An invalid line and the reason. */
    record Malformed(String why) implements Command {}
}
