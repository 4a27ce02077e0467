package io.heliodor.wire.schema;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JavaType;

/**
 * Short names of types: their simple names. If two types have one, the enclosing class comes before it, then packages. So a further
 * type renames another one only if they clash.
 */
final class TypeNames {
    /** The end of names of classes with channels, which is left out of the names of their records. */
    private static final String CHANNEL = "Channel";

    private TypeNames() {}

    /**
     * A type to name.
     *
     * @param type the type
     * @param suffix the end of its name
     */
    record Named(JavaType type, String suffix) {}

    /**
     * The names of some types.
     *
     * @param types the types by their keys
     * @param reserved names that none may have
     * @return the names by the same keys
     */
    static Map<String, String> of(Map<String, Named> types, Set<String> reserved) {
        Map<String, String> names = new HashMap<>();
        Set<String> taken = new HashSet<>(reserved);
        Map<String, Named> left = new TreeMap<>(types);
        for (int length = 0; !left.isEmpty(); length++) {
            Map<String, List<String>> byName = new TreeMap<>();
            for (Map.Entry<String, Named> each : left.entrySet()) {
                String name =
                        name(each.getValue().type(), length) + each.getValue().suffix();
                byName.computeIfAbsent(name, _ -> new ArrayList<>()).add(each.getKey());
            }
            boolean last = length
                    > types.keySet().stream().mapToInt(String::length).max().orElse(0);
            byName.forEach((name, keys) -> {
                if (keys.size() == 1 && taken.add(name)) {
                    names.put(keys.getFirst(), name);
                    left.remove(keys.getFirst());
                } else if (last) {
                    int number = 2;
                    for (String key : keys) {
                        while (!taken.add(name + number)) {
                            number++;
                        }
                        names.put(key, name + number);
                        left.remove(key);
                    }
                }
            });
            byName.keySet().forEach(taken::add);
        }
        return names;
    }

    /** The name of a type with so many of the names around it. */
    private static String name(JavaType type, int length) {
        StringBuilder name = new StringBuilder();
        List<String> around = around(type.getRawClass());
        for (int i = Math.min(length, around.size()) - 1; i >= 0; i--) {
            name.append(around.get(i));
        }
        name.append(identifier(type.getRawClass().getSimpleName().replace("[]", "Array")));
        for (int i = 0; i < type.containedTypeCount(); i++) {
            name.append(name(type.containedType(i), 0));
        }
        return name.toString();
    }

    /** The names around a class, the innermost first. */
    private static List<String> around(Class<?> type) {
        List<String> names = new ArrayList<>();
        for (Class<?> outer = type.getEnclosingClass(); outer != null; outer = outer.getEnclosingClass()) {
            String name = outer.getSimpleName();
            boolean ofChannel = name.endsWith(CHANNEL) && name.length() > CHANNEL.length();
            names.add(identifier(ofChannel ? name.substring(0, name.length() - CHANNEL.length()) : name));
        }
        String[] packages = type.getPackageName().split("\\.", -1);
        for (int i = packages.length - 1; i >= 0; i--) {
            if (!packages[i].isEmpty()) {
                names.add(packages[i].substring(0, 1).toUpperCase(Locale.ROOT) + packages[i].substring(1));
            }
        }
        return names;
    }

    /** A name in which each character is a letter, a digit or _; others of Java become _. */
    private static String identifier(String name) {
        return name.replaceAll("[^A-Za-z0-9_]", "_");
    }
}
