package io.heliodor.interop;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import kotlin.Metadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The public API as text, in {@code docs/api}: a change of it is a change of a file, which a review shows. */
class ApiTests {
    private static final Path PROJECT = Path.of("..").toAbsolutePath().normalize();
    private static final Path FOLDER = PROJECT.resolve("docs/api");
    private static final Path PAGE = PROJECT.resolve("docs/api-at-a-glance.md");
    private static final String WRITE = "; the code is right: write it anew with mvn verify -DskipITs -pl interop -am"
            + " -Dtest=ApiTests -Dsurefire.failIfNoSpecifiedTests=false -Dheliodor.write=docs";

    /** The methods that a record has by itself. */
    private static final Set<String> OF_EVERY_RECORD = Set.of("equals", "hashCode", "toString");

    private static final String PAGE_HEAD = """
            # The API at a glance

            All public types of each module; `api/MODULE.txt` has their signatures. Both are made from the code and
            compared with it by `ApiTests`, so a change of the API shows in a review.
            """;

    static List<String> modules() {
        return List.of(
                "contract",
                "pubsub",
                "presence",
                "channels",
                "endpoint",
                "micrometer",
                "jwt",
                "kotlin",
                "cluster",
                "testkit");
    }

    @ParameterizedTest
    @MethodSource("modules")
    void theSignaturesAreWrittenDown(String module) throws IOException {
        String signatures = packages(module).values().stream()
                .flatMap(List::stream)
                .map(ApiTests::describe)
                .collect(joining("\n"));
        isWritten(FOLDER.resolve(module + ".txt"), signatures);
    }

    @Test
    void thePageHasAllTypes() throws IOException {
        StringBuilder page = new StringBuilder(PAGE_HEAD);
        for (String module : modules()) {
            Map<String, List<Class<?>>> packages = packages(module);
            long count = packages.values().stream().mapToLong(List::size).sum();
            page.append("\n## ").append(module).append(" (").append(count).append(")\n");
            packages.forEach((name, types) -> page.append("\n`")
                    .append(name)
                    .append("`: ")
                    .append(types.stream().map(ApiTests::name).collect(joining(", ")))
                    .append('\n'));
        }
        isWritten(PAGE, page.toString());
    }

    private static void isWritten(Path file, String expected) throws IOException {
        if ("docs".equals(System.getProperty("heliodor.write"))) {
            Files.createDirectories(FOLDER);
            Files.writeString(file, expected);
            return;
        }
        assertThat(Files.exists(file) ? Files.readString(file) : "")
                .as(PROJECT.relativize(file) + WRITE)
                .isEqualTo(expected);
    }

    /** The public types of the packages that a module exports to all, sorted. */
    static Map<String, List<Class<?>>> packages(String module) throws IOException {
        Path classes = PROJECT.resolve(module).resolve("target/classes");
        Map<String, List<Class<?>>> found = new TreeMap<>();
        try (InputStream in = Files.newInputStream(classes.resolve("module-info.class"))) {
            for (ModuleDescriptor.Exports exported : ModuleDescriptor.read(in).exports()) {
                if (!exported.isQualified()) {
                    found.put(exported.source(), types(classes, exported.source()));
                }
            }
        }
        return found;
    }

    private static List<Class<?>> types(Path classes, String name) throws IOException {
        try (Stream<Path> files = Files.list(classes.resolve(name.replace('.', '/')))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".class") && !file.equals("package-info.class"))
                    // Anonymous classes: reflection refuses to return the outer class of those that Kotlin inlines.
                    .filter(file -> !file.matches(".*\\$\\d+\\.class"))
                    .map(file -> name + "." + file.substring(0, file.length() - ".class".length()))
                    .<Class<?>>map(ApiTests::load)
                    .filter(ApiTests::isPublic)
                    .sorted(Comparator.comparing(ApiTests::name))
                    .toList();
        }
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, ApiTests.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isPublic(Class<?> type) {
        Class<?> outer = type.getDeclaringClass();
        return !type.isSynthetic()
                && !type.isAnonymousClass()
                && !type.isLocalClass()
                && Modifier.isPublic(type.getModifiers())
                && (outer == null || isPublic(outer));
    }

    private static String name(Class<?> type) {
        Class<?> outer = type.getDeclaringClass();
        return (outer == null ? "" : name(outer) + ".") + type.getSimpleName();
    }

    private static String describe(Class<?> type) {
        String kind = type.isRecord() ? "record" : type.isEnum() ? "enum" : type.isInterface() ? "interface" : "class";
        String head = (type.isSealed() ? "sealed " : "") + kind + " " + type.getPackageName() + "." + name(type)
                + parameters(type.getTypeParameters())
                + " ";
        List<String> above = Stream.concat(
                        Stream.ofNullable(type.getGenericSuperclass())
                                .filter(parent -> parent != Object.class && parent != Record.class && !type.isEnum()),
                        Arrays.stream(type.getGenericInterfaces()))
                .map(ApiTests::text)
                .toList();
        return head.strip() + (above.isEmpty() ? "" : " : " + String.join(", ", above)) + "\n"
                + members(type).map(member -> "    " + member + "\n").collect(joining());
    }

    private static Stream<String> members(Class<?> type) {
        return Stream.of(
                        Arrays.stream(type.getDeclaredFields())
                                .filter(ApiTests::isVisible)
                                .map(ApiTests::describe),
                        Arrays.stream(type.getDeclaredConstructors())
                                .filter(ApiTests::isVisible)
                                .map(ApiTests::describe),
                        Arrays.stream(type.getDeclaredMethods())
                                .filter(ApiTests::isVisible)
                                .filter(method -> !(type.isRecord() && OF_EVERY_RECORD.contains(method.getName())))
                                .filter(method -> !(type.isEnum()
                                        && Modifier.isStatic(method.getModifiers())
                                        && Set.of("values", "valueOf").contains(method.getName())))
                                .map(ApiTests::describe))
                .flatMap(Stream::sorted);
    }

    private static boolean isVisible(Member member) {
        return (!member.isSynthetic() || isReified(member))
                && (member.getModifiers() & (Modifier.PUBLIC | Modifier.PROTECTED)) != 0;
    }

    /** Whether a member is a function of Kotlin with reified types: its compiler hides it from that of Java. */
    private static boolean isReified(Member member) {
        return member.getDeclaringClass().isAnnotationPresent(Metadata.class)
                && Modifier.isStatic(member.getModifiers())
                && !member.getName().contains("$");
    }

    private static String describe(Field field) {
        return field.isEnumConstant() ? field.getName() : text(field.getGenericType()) + " " + field.getName();
    }

    private static String describe(Constructor<?> constructor) {
        return "new" + parameters(constructor.getTypeParameters()) + arguments(constructor);
    }

    private static String describe(Method method) {
        String variables = parameters(method.getTypeParameters());
        return (Modifier.isStatic(method.getModifiers()) ? "static " : "")
                + (variables.isEmpty() ? "" : variables + " ")
                + text(method.getGenericReturnType()) + " " + method.getName() + arguments(method);
    }

    private static String arguments(Executable executable) {
        String thrown = Arrays.stream(executable.getGenericExceptionTypes())
                .map(ApiTests::text)
                .collect(joining(", "));
        return Arrays.stream(executable.getGenericParameterTypes())
                        .map(ApiTests::text)
                        .collect(joining(", ", "(", ")"))
                + (thrown.isEmpty() ? "" : " throws " + thrown);
    }

    private static String parameters(TypeVariable<?>[] variables) {
        return variables.length == 0
                ? ""
                : Arrays.stream(variables)
                        .map(variable -> variable.getName()
                                + Arrays.stream(variable.getBounds())
                                        .filter(bound -> bound != Object.class)
                                        .map(bound -> " extends " + text(bound))
                                        .collect(joining()))
                        .collect(joining(", ", "<", ">"));
    }

    /** Without packages. */
    private static String text(Type type) {
        return type.getTypeName()
                .replaceAll("\\b(?:[a-z_0-9]+\\.)+(?=[A-Z])", "")
                .replace('$', '.');
    }
}
