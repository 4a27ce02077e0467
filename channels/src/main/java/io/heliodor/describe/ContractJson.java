package io.heliodor.describe;

import io.heliodor.event.CloseCode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a contract as JSON. */
final class ContractJson {
    private static final SchemaJson SCHEMAS = new SchemaJson("#/types/");

    private ContractJson() {}

    static String text(SocketContract contract) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", contract.name());
        json.put(
                "channels",
                contract.channels().stream().map(ContractJson::channel).toList());
        json.put("messages", events(contract.sends()));
        json.put("refreshes", contract.refreshes());
        json.put("refusesAfterUpgrade", contract.refusesAfterUpgrade());
        json.put(
                "closeCodes",
                contract.closeCodes().stream().map(ContractJson::closeCode).toList());
        Map<String, Object> types = new LinkedHashMap<>();
        contract.types().forEach((name, schema) -> types.put(name, SCHEMAS.of(schema)));
        json.put("types", types);
        return JsonText.of(json);
    }

    private static Map<String, Object> channel(ChannelContract channel) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("topic", channel.pattern());
        if (channel.isWildcard()) {
            json.put("key", channel.key());
        }
        json.put("join", join(channel.join()));
        json.put("receives", events(channel.receives()));
        json.put("calls", channel.calls().stream().map(ContractJson::call).toList());
        json.put("sends", events(channel.sends()));
        json.put(
                "presences",
                channel.presences().stream()
                        .map(each -> {
                            Map<String, Object> presence = new LinkedHashMap<>();
                            presence.put("name", each.name());
                            presence.put("meta", content(each.meta()));
                            return presence;
                        })
                        .toList());
        json.put("counts", channel.counts());
        channel.history().ifPresent(history -> {
            Map<String, Object> kept = new LinkedHashMap<>();
            kept.put("maxBroadcasts", history.maxBroadcasts());
            kept.put("maxAge", history.maxAge().toString());
            kept.put("events", history.events());
            json.put("history", kept);
        });
        json.put("handlesOthers", channel.handlesOthers());
        json.put("pushTopics", channel.pushTopics());
        return json;
    }

    private static Map<String, Object> join(JoinContract join) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("payload", content(join.payload()));
        json.put("reply", content(join.reply()));
        json.put("error", content(join.error()));
        json.put("reasons", join.reasons());
        json.put("authorized", join.authorized());
        return json;
    }

    private static Map<String, Object> call(CallContract call) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", call.name());
        json.put("request", content(call.request()));
        json.put("reply", content(call.reply()));
        json.put("error", content(call.error()));
        json.put("reasons", call.reasons());
        json.put("once", call.once());
        return json;
    }

    private static List<Map<String, Object>> events(List<EventContract> events) {
        return events.stream()
                .map(event -> {
                    Map<String, Object> json = new LinkedHashMap<>();
                    json.put("name", event.name());
                    json.put("payload", content(event.content()));
                    return json;
                })
                .toList();
    }

    private static Map<String, Object> closeCode(CloseCode code) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("code", code.code());
        json.put("name", code.name());
        json.put("final", code.isFinal());
        return json;
    }

    /** Bytes are a string of format {@code binary}, as in OpenAPI. */
    private static Map<String, Object> content(Content content) {
        return content(content, SCHEMAS);
    }

    static Map<String, Object> content(Content content, SchemaJson schemas) {
        Map<String, Object> json = new LinkedHashMap<>();
        switch (content) {
            case Content.Json(var schema) -> json.putAll(schemas.of(schema));
            case Content.Bytes _ -> {
                json.put("type", "string");
                json.put("format", "binary");
            }
            case Content.None _ -> json.put("type", "object");
        }
        return json;
    }
}
