package io.heliodor.describe;

import io.heliodor.schema.Schema;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a contract as a document of AsyncAPI 3.0.0. It has the view of the server: the server receives the events of clients, and
 * sends its own. A call is an operation with a reply, and so is a join.
 */
final class AsyncApi {
    private static final SchemaJson SCHEMAS = new SchemaJson("#/components/schemas/");

    /** The topic of a connection itself. */
    private static final String PHOENIX = "phoenix";

    private final SocketContract contract;
    private final SocketContract.Service service;
    private final Map<String, Object> channels = new LinkedHashMap<>();
    private final Map<String, Object> operations = new LinkedHashMap<>();

    AsyncApi(SocketContract contract, SocketContract.Service service) {
        this.contract = contract;
        this.service = service;
    }

    String text() {
        contract.channels().forEach(this::channel);
        phoenix();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("asyncapi", "3.0.0");
        json.put("info", object("title", service.title(), "version", service.version()));
        json.put("defaultContentType", "application/json");
        service.url().ifPresent(url -> json.put("servers", object("socket", server(url))));
        json.put("channels", channels);
        json.put("operations", operations);
        Map<String, Object> types = new LinkedHashMap<>();
        contract.types().forEach((name, schema) -> types.put(name, SCHEMAS.of(schema)));
        json.put("components", object("schemas", types));
        json.put(
                "x-heliodor-close-codes",
                contract.closeCodes().stream()
                        .map(code -> object("code", code.code(), "name", code.name(), "final", code.isFinal()))
                        .toList());
        return JsonText.of(json);
    }

    private static Map<String, Object> server(URI url) {
        String host = url.getPort() < 0 ? url.getHost() : url.getHost() + ":" + url.getPort();
        Map<String, Object> json =
                object("host", host, "protocol", url.getScheme(), "pathname", url.getPath() + "/websocket");
        json.put(
                "bindings",
                object(
                        "ws",
                        object(
                                "query",
                                object(
                                        "type",
                                        "object",
                                        "properties",
                                        object("vsn", object("type", "string", "const", "2.0.0"))))));
        return json;
    }

    private void channel(ChannelContract contract) {
        Topic topic = new Topic(unique(id(contract.prefix()), channels));
        channels.put(topic.id, topic.json);
        topic.json.put("address", contract.prefix() + (contract.isWildcard() ? "{" + contract.key() + "}" : ""));
        if (contract.isWildcard()) {
            topic.json.put("parameters", object(contract.key(), object("description", "The rest of the topic.")));
        }
        topic.json.put("messages", topic.messages);
        contract.history()
                .ifPresent(history -> topic.json.put(
                        "x-heliodor-history",
                        object(
                                "maxBroadcasts",
                                history.maxBroadcasts(),
                                "maxAge",
                                history.maxAge().toString(),
                                "events",
                                history.events())));
        join(topic, contract.join());
        contract.calls().forEach(call -> call(topic, call));
        contract.receives().forEach(event -> topic.operation("receive", event.name(), payload(event.content())));
        contract.sends().forEach(event -> topic.operation("send", event.name(), payload(event.content())));
        for (PresenceContract presence : contract.presences()) {
            Map<String, Object> metas = presence(presence.meta());
            topic.operation("send", presence.name() + "_state", metas);
            topic.operation(
                    "send",
                    presence.name() + "_diff",
                    object("type", "object", "properties", object("joins", metas, "leaves", metas)));
        }
        contract.counts()
                .forEach(name -> topic.operation(
                        "send",
                        name + "_count",
                        object("type", "object", "properties", object("count", object("type", "integer")))));
    }

    private static void join(Topic topic, JoinContract join) {
        topic.operation(
                "receive",
                "phx_join",
                payload(join.payload()),
                List.of(
                        topic.message("join-reply", "phx_reply", payload(join.reply())),
                        topic.message("join-error", "phx_reply", error(join.error(), join.reasons()))));
    }

    private static void call(Topic topic, CallContract call) {
        Map<String, Object> operation = topic.operation(
                "receive",
                call.name(),
                payload(call.request()),
                List.of(
                        topic.message(id(call.name()) + "-reply", "phx_reply", payload(call.reply())),
                        topic.message(id(call.name()) + "-error", "phx_reply", error(call.error(), call.reasons()))));
        if (call.once()) {
            operation.put("x-heliodor-once", true);
        }
    }

    /** The messages of a connection, which belong to no channel. */
    private void phoenix() {
        Topic topic = new Topic(unique(PHOENIX, channels));
        channels.put(topic.id, topic.json);
        topic.json.put("address", PHOENIX);
        topic.json.put("messages", topic.messages);
        Map<String, Object> empty = object("type", "object");
        topic.operation("receive", "heartbeat", empty, List.of(topic.message("heartbeat-reply", "phx_reply", empty)));
        if (contract.refreshes()) {
            topic.operation(
                    "receive",
                    "refresh",
                    fields("token", Schema.Text.PLAIN),
                    List.of(
                            topic.message("refresh-reply", "phx_reply", empty),
                            topic.message("refresh-error", "phx_reply", refusal())));
        }
        if (contract.refusesAfterUpgrade()) {
            topic.operation("send", "refused", refusal());
        }
        contract.sends().forEach(event -> topic.operation("send", event.name(), payload(event.content())));
    }

    private static Map<String, Object> refusal() {
        return SCHEMAS.of(new Schema.Fields(List.of(
                new Schema.Field("status", new Schema.Whole(Optional.of("int32")), true),
                new Schema.Field("reason", Schema.Text.PLAIN, true),
                new Schema.Field("retry_after", new Schema.Whole(Optional.of("int32")), false))));
    }

    private static Map<String, Object> fields(String name, Schema schema) {
        return SCHEMAS.of(new Schema.Fields(List.of(new Schema.Field(name, schema, true))));
    }

    private static Map<String, Object> payload(Content content) {
        return ContractJson.content(content, SCHEMAS);
    }

    private static Map<String, Object> error(Content error, List<String> reasons) {
        return reasons.isEmpty() ? payload(error) : fields("reason", new Schema.Choice(reasons, true));
    }

    /** An object of metas by the keys of presences. */
    private static Map<String, Object> presence(Content meta) {
        Map<String, Object> refs = SCHEMAS.of(new Schema.Fields(List.of(
                new Schema.Field("phx_ref", Schema.Text.PLAIN, true),
                new Schema.Field("phx_ref_prev", Schema.Text.PLAIN, false))));
        Map<String, Object> metas = object("type", "array", "items", object("allOf", List.of(payload(meta), refs)));
        return object(
                "type",
                "object",
                "additionalProperties",
                object("type", "object", "properties", object("metas", metas), "required", List.of("metas")));
    }

    private static Map<String, Object> object(Object... keysAndValues) {
        Map<String, Object> json = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            json.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return json;
    }

    /** Letters, digits, _ and - of a name: others have a meaning in references. */
    private static String id(String name) {
        String id = name.replaceAll("[^A-Za-z0-9_-]+", "-").replaceAll("^-+|-+$", "");
        return id.isEmpty() ? "topics" : id;
    }

    private static String unique(String id, Map<String, Object> taken) {
        String unique = id;
        for (int number = 2; taken.containsKey(unique); number++) {
            unique = id + "-" + number;
        }
        return unique;
    }

    /** A channel of the document. */
    private final class Topic {
        private final String id;
        private final Map<String, Object> json = new LinkedHashMap<>();
        private final Map<String, Object> messages = new LinkedHashMap<>();

        Topic(String id) {
            this.id = id;
        }

        /** Adds a message; returns the reference to it. */
        Map<String, Object> message(String key, String name, Map<String, Object> payload) {
            String unique = unique(key, messages);
            Map<String, Object> message = object("name", name);
            if ("binary".equals(payload.get("format"))) {
                message.put("contentType", "application/octet-stream");
            }
            message.put("payload", payload);
            messages.put(unique, message);
            return object("$ref", "#/channels/" + id + "/messages/" + unique);
        }

        Map<String, Object> operation(String action, String event, Map<String, Object> payload) {
            return operation(action, event, payload, List.of());
        }

        Map<String, Object> operation(
                String action, String event, Map<String, Object> payload, List<Map<String, Object>> replies) {
            Map<String, Object> operation = object("action", action, "channel", object("$ref", "#/channels/" + id));
            operation.put("messages", new ArrayList<>(List.of(message(id(event) + "-" + action, event, payload))));
            if (!replies.isEmpty()) {
                operation.put("reply", object("channel", object("$ref", "#/channels/" + id), "messages", replies));
            }
            operations.put(unique(id + "-" + action + "-" + id(event), operations), operation);
            return operation;
        }
    }
}
