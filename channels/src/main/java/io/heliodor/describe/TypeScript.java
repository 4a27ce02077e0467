package io.heliodor.describe;

import io.heliodor.schema.Schema;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.json.JsonMapper;

/** Writes a contract as a file of TypeScript, which imports nothing and exports one type. */
final class TypeScript {
    private static final String EMPTY = "Empty";
    private static final String JSON = "Json";
    private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_$][A-Za-z0-9_$]*");

    /** Names of types that the file uses. */
    private static final Set<String> USED = Set.of(EMPTY, JSON, "ArrayBuffer");

    /** The keywords of TypeScript, also those that are one in some places only: a type has none of them as its name. */
    private static final Set<String> PREDEFINED = Set.of("""
            any unknown never undefined null true false void string number bigint object symbol boolean type
            typeof function export import delete debugger in of is as asserts with let const var async await
            yield infer keyof readonly unique abstract accessor declare module namespace require global get set
            out override satisfies from using defer new this super class enum interface extends implements
            package private protected public static default switch case break continue return throw try catch
            finally for while do if else instanceof intrinsic arguments eval constructor
            """.split("\\s+"));

    private static final JsonMapper QUOTES = new JsonMapper();

    private final SocketContract contract;
    private final StringBuilder text = new StringBuilder();

    TypeScript(SocketContract contract) {
        this.contract = contract;
    }

    /** Whether the file has another type of a name. */
    static boolean uses(String name) {
        return USED.contains(name);
    }

    /** The names that no type of a contract may have. */
    static Set<String> reserved(String contract) {
        Set<String> names = new HashSet<>(USED);
        names.addAll(PREDEFINED);
        names.add(contract);
        return names;
    }

    String text() {
        line("// Made by Heliodor from the channels of the server; do not edit.");
        line("type " + EMPTY + " = { [key: string]: never };");
        line("type " + JSON + " = { [key: string]: unknown };");
        contract.types().forEach((name, schema) -> line("type " + name + " = " + type(schema) + ";"));
        line("");
        line("export type " + contract.name() + " = {");
        line("  /** In the order in which topics are matched. */");
        line("  channels: [");
        contract.channels().forEach(this::channel);
        line("  ];");
        line("  /** Events under the topic \"phoenix\". */");
        line("  messages: " + events(contract.sends()) + ";");
        line("  types: "
                + object(contract.types().keySet().stream()
                        .collect(Collectors.toMap(name -> name, name -> name, (one, _) -> one, TreeMap::new)))
                + ";");
        line("};");
        return text.toString();
    }

    private void line(String line) {
        text.append(line).append('\n');
    }

    private void channel(ChannelContract channel) {
        line("    {");
        line("      topic: " + topic(channel) + ";");
        line("      history: " + channel.history().isPresent() + ";");
        line("      join: { payload: " + sent(channel.join().payload()) + "; reply: "
                + content(channel.join().reply()) + "; error: "
                + error(channel.join().error(), channel.join().reasons()) + " };");
        line("      pushes: " + pushes(channel.receives()) + ";");
        calls(channel.calls());
        line("      events: " + events(channel.sends()) + ";");
        Map<String, String> presences = new LinkedHashMap<>();
        channel.presences().forEach(each -> presences.put(each.name(), content(each.meta())));
        line("      presence: " + object(presences) + ";");
        Map<String, String> counts = new LinkedHashMap<>();
        channel.counts().forEach(name -> counts.put(name, "number"));
        line("      counts: " + object(counts) + ";");
        line("    },");
    }

    private static String topic(ChannelContract channel) {
        return channel.isWildcard()
                ? "`"
                        + channel.prefix()
                                .replace("\\", "\\\\")
                                .replace("`", "\\`")
                                .replace("${", "\\${") + "${string}`"
                : quoted(channel.pattern());
    }

    private void calls(List<CallContract> calls) {
        Map<String, List<CallContract>> byName = calls.stream()
                .collect(Collectors.groupingBy(CallContract::name, LinkedHashMap::new, Collectors.toList()));
        if (byName.isEmpty()) {
            line("      calls: {};");
            return;
        }
        line("      calls: {");
        byName.forEach((name, all) -> line("        " + key(name) + ": { request: "
                + union(all.stream().map(call -> sent(call.request())).toList()) + "; reply: "
                + union(all.stream().map(call -> content(call.reply())).toList()) + "; error: "
                + union(all.stream()
                        .map(call -> error(call.error(), call.reasons()))
                        .toList())
                + (all.stream().allMatch(CallContract::once) ? "; once: true" : "") + " };"));
        line("      };");
    }

    private String pushes(List<EventContract> events) {
        return object(byName(events, event -> sent(event.content())));
    }

    private String events(List<EventContract> events) {
        return object(byName(events, event -> content(event.content())));
    }

    /** JSON and bytes may have one name. */
    private static Map<String, String> byName(List<EventContract> events, Function<EventContract, String> type) {
        Map<String, List<String>> types = new LinkedHashMap<>();
        events.forEach(event ->
                types.computeIfAbsent(event.name(), _ -> new ArrayList<>()).add(type.apply(event)));
        Map<String, String> unions = new LinkedHashMap<>();
        types.forEach((name, all) -> unions.put(name, union(all)));
        return unions;
    }

    private static String union(List<String> types) {
        return types.stream().distinct().collect(Collectors.joining(" | "));
    }

    private static String object(Map<String, String> properties) {
        return properties.isEmpty()
                ? "{}"
                : properties.entrySet().stream()
                        .map(each -> key(each.getKey()) + ": " + each.getValue())
                        .collect(Collectors.joining("; ", "{ ", " }"));
    }

    /** The payload of a page: an object of any type, without an index signature that interfaces do not have. */
    private String sent(Content content) {
        return content instanceof Content.Json(Schema.Entries(Schema.Text _, Schema.Any _))
                ? "object"
                : content(content);
    }

    private String content(Content content) {
        return switch (content) {
            case Content.None _ -> EMPTY;
            case Content.Bytes _ -> "ArrayBuffer";
            case Content.Json(Schema.Entries(Schema.Text _, Schema.Any _)) -> JSON;
            case Content.Json(var schema) -> type(schema);
        };
    }

    private String error(Content error, List<String> reasons) {
        return reasons.isEmpty()
                ? content(error)
                : "{ reason: " + reasons.stream().map(TypeScript::quoted).collect(Collectors.joining(" | ")) + " }";
    }

    private String type(Schema schema) {
        return switch (schema) {
            case Schema.Any _ -> "unknown";
            case Schema.Present _ -> "{}";
            case Schema.Text _ -> "string";
            case Schema.Choice(var values, var open) ->
                values.stream().map(TypeScript::quoted).collect(Collectors.joining(" | "))
                        + (open ? " | (string & {})" : "");
            case Schema.WholeChoice(var values) ->
                values.stream().map(String::valueOf).collect(Collectors.joining(" | "));
            case Schema.Whole _, Schema.Decimal _ -> "number";
            case Schema.Truth _ -> "boolean";
            case Schema.Items(var element) -> inParentheses(element) + "[]";
            case Schema.Entries(var name, var value) ->
                choice(name)
                        .map(names -> "{ [K in " + names + "]?: " + type(value) + " }")
                        .orElseGet(() -> "{ [key: string]: " + type(value) + " }");
            case Schema.Fields object -> isEmpty(object) ? EMPTY : fields(object);
            case Schema.OneOf(var cases) -> cases.stream().map(this::type).collect(Collectors.joining(" | "));
            case Schema.Tagged(var property, var value, var plain) ->
                "{ " + key(property) + ": " + quoted(value) + " }"
                        + (isEmpty(plain) ? "" : " & " + inParentheses(plain));
            case Schema.Untagged(var property, var _, var plain) ->
                "{ " + key(property) + "?: unknown }" + (isEmpty(plain) ? "" : " & " + inParentheses(plain));
            case Schema.Wrapped(var property, var value) -> "{ " + key(property) + ": " + type(value) + " }";
            case Schema.Ref(var name) -> name;
            case Schema.Nullable(var value) -> type(value) + " | null";
        };
    }

    /** The names of properties, if they are some texts and no others. */
    private Optional<String> choice(Schema names) {
        return switch (names) {
            case Schema.Choice(var _, var open) when !open -> Optional.of(type(names));
            case Schema.Ref(var name) ->
                contract.types().get(name) instanceof Schema.Choice(var _, var open) && !open
                        ? Optional.of(name)
                        : Optional.empty();
            default -> Optional.empty();
        };
    }

    /**
     * An object. A property that is read by several names is there by one of them. The signature of further properties has the types of all,
     * as TypeScript demands.
     */
    private String fields(Schema.Fields object) {
        List<String> plain = new ArrayList<>();
        List<String> byOneName = new ArrayList<>();
        Set<String> types = new LinkedHashSet<>();
        for (Schema.Field field : object.fields()) {
            String type = type(field.schema());
            types.add(type);
            boolean required = field.required() && field.aliases().isEmpty();
            List<String> names = new ArrayList<>(List.of(field.name()));
            names.addAll(field.aliases());
            if (field.required() == required) {
                names.forEach(name -> plain.add(key(name) + (required ? ": " : "?: ") + type));
            } else {
                byOneName.add(names.stream()
                        .map(one -> names.stream()
                                .map(name -> key(name) + (name.equals(one) ? ": " : "?: ") + type)
                                .collect(Collectors.joining("; ", "{ ", " }")))
                        .collect(Collectors.joining(" | ", "(", ")")));
            }
        }
        if (!object.isOpen() && object.further().isPresent()) {
            types.add(type(object.further().get()));
            if (object.fields().stream()
                    .anyMatch(field -> !field.required() || !field.aliases().isEmpty())) {
                types.add("undefined");
            }
            plain.add("[key: string]: " + String.join(" | ", types));
        }
        if (!plain.isEmpty()) {
            byOneName.addFirst(plain.stream().collect(Collectors.joining("; ", "{ ", " }")));
        }
        return String.join(" & ", byOneName);
    }

    private boolean isEmpty(Schema schema) {
        return switch (schema) {
            case Schema.Fields object ->
                object.fields().isEmpty()
                        && (object.isOpen() || object.further().isEmpty());
            case Schema.Ref(var name) -> isEmpty(contract.types().getOrDefault(name, new Schema.Any("")));
            default -> false;
        };
    }

    private String inParentheses(Schema schema) {
        return switch (schema) {
            case Schema.Choice _,
                    Schema.WholeChoice _,
                    Schema.OneOf _,
                    Schema.Nullable _,
                    Schema.Tagged _,
                    Schema.Untagged _ -> "(" + type(schema) + ")";
            default -> type(schema);
        };
    }

    private static String key(String name) {
        return IDENTIFIER.matcher(name).matches() ? name : quoted(name);
    }

    private static String quoted(String text) {
        return QUOTES.writeValueAsString(text);
    }
}
