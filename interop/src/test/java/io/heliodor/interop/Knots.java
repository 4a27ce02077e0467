package io.heliodor.interop;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Files that depend on each other, directly or through others: the strongly connected components of their graph. Source: R. Tarjan,
 * "Depth-first search and linear graph algorithms", 1972.
 */
final class Knots {
    private final Map<String, Set<String>> dependencies;
    private final Map<String, Integer> index = new HashMap<>();
    private final Map<String, Integer> lowest = new HashMap<>();
    private final Deque<String> stack = new ArrayDeque<>();
    private final Set<String> onStack = new HashSet<>();
    private final List<Set<String>> found = new ArrayList<>();

    private Knots(Map<String, Set<String>> dependencies) {
        this.dependencies = dependencies;
    }

    /** The knots of some dependencies by name. */
    static List<Set<String>> of(Map<String, Set<String>> dependencies) {
        Knots knots = new Knots(dependencies);
        dependencies.keySet().stream()
                .filter(each -> !knots.index.containsKey(each))
                .forEach(knots::visit);
        return knots.found;
    }

    /** The dependencies of files, each named by its outermost class. */
    static Map<String, Set<String>> files(JavaClasses classes) {
        Map<String, Set<String>> files = new TreeMap<>();
        for (JavaClass each : classes) {
            Set<String> needs = files.computeIfAbsent(outermost(each), _ -> new TreeSet<>());
            for (Dependency dependency : each.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (classes.contain(target.getName())) {
                    needs.add(outermost(target));
                }
            }
        }
        files.forEach((file, needs) -> needs.remove(file));
        return files;
    }

    private static String outermost(JavaClass type) {
        String name = type.getName();
        int nested = name.indexOf('$');
        return nested < 0 ? name : name.substring(0, nested);
    }

    private void visit(String file) {
        int own = index.size();
        index.put(file, own);
        lowest.put(file, own);
        stack.push(file);
        onStack.add(file);
        for (String next : dependencies.getOrDefault(file, Set.of())) {
            if (!index.containsKey(next)) {
                visit(next);
                lowest.merge(file, lowest.get(next), Math::min);
            } else if (onStack.contains(next)) {
                lowest.merge(file, index.get(next), Math::min);
            }
        }
        if (lowest.get(file) == own) {
            Set<String> knot = new TreeSet<>();
            String last;
            do {
                last = stack.pop();
                onStack.remove(last);
                knot.add(last);
            } while (!last.equals(file));
            found.add(knot);
        }
    }
}
