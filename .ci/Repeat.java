import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TagFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs each test class of the short size several times, alone in its JVM, with the JVM options of the build. See {@code .ci/repeat}. */
final class Repeat {
    private static final Path ROOT = Path.of("").toAbsolutePath();
    private static final long TIMEOUT_MINUTES = 15;

    private record Module(Path folder, String classpath, List<String> options) {
        static Module of(Path folder) throws IOException {
            String pom = Files.readString(folder.resolve("pom.xml"));
            String root = Files.readString(ROOT.resolve("pom.xml"));
            Map<String, String> properties = new HashMap<>();
            for (String name : List.of("tests.short-lived", "test.jvm")) {
                properties.put(name, element(root, name));
            }
            // The first one in the file is that of the short size.
            Matcher options = Pattern.compile("(?s)<value>short</value>.*?<tests.options>(.*?)</tests.options>").matcher(root);
            properties.put("tests.options", options.find() ? options.group(1) : "");
            if (pom.contains("<test.jvm>")) {
                properties.put("test.jvm", element(pom, "test.jvm"));
            }
            String line = pom.contains("<argLine>") && !folder.equals(ROOT)
                    ? element(pom, "argLine")
                    : "${test.jvm} ${tests.short-lived} ${tests.options}";
            for (Map.Entry<String, String> each : properties.entrySet()) {
                line = line.replace("${" + each.getKey() + "}", each.getValue());
            }
            List<String> words = new ArrayList<>(Stream.of(line.replaceAll("(?s)<!--.*?-->|\\$\\{[^}]*\\}", " ").split("\\s+"))
                    .filter(word -> !word.isEmpty())
                    .toList());
            words.add("-Dheliodor.start.cache=" + folder.resolve("target/start"));
            return new Module(folder, Files.readString(folder.resolve("target/tests.classpath")).strip(), words);
        }

        private static String element(String pom, String name) {
            Matcher found = Pattern.compile("(?s)<" + Pattern.quote(name) + ">(.*?)</" + Pattern.quote(name) + ">").matcher(pom);
            return found.find() ? found.group(1) : "";
        }

        /** The classes of its tests: those whose names surefire and failsafe take. */
        List<String> classes() throws IOException {
            Path tests = folder.resolve("target/test-classes");
            if (!Files.isDirectory(tests)) {
                return List.of();
            }
            try (Stream<Path> all = Files.walk(tests)) {
                return all.map(file -> tests.relativize(file).toString())
                        .filter(file -> file.matches("[^$]*(Tests|IT)\\.class"))
                        .map(file -> file.substring(0, file.length() - 6).replace('/', '.'))
                        .sorted()
                        .toList();
            }
        }
    }

    private Repeat() {}

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("--here")) {
            System.exit(here(arguments[1], Integer.parseInt(arguments[2])));
        }
        Map<String, String> given = new HashMap<>(Map.of("times", "10", "jvms", "10", "jobs", "1", "busy", "0", "only", ".*", "log", "repeat"));
        for (int i = 0; i < arguments.length; i += 2) {
            String name = arguments[i].replaceFirst("^--", "");
            if (!given.containsKey(name) || i + 1 == arguments.length) {
                System.err.println("repeat: " + arguments[i] + " is none of --" + String.join(" N, --", new TreeSet<>(given.keySet())) + " N");
                System.exit(2);
            }
            given.put(name, arguments[i + 1]);
        }
        System.exit(all(given));
    }

    private static int all(Map<String, String> given) throws Exception {
        int times = Integer.parseInt(given.get("times"));
        int jvms = Math.min(times, Integer.parseInt(given.get("jvms")));
        Path log = ROOT.resolve(".build/repeat/" + given.get("log") + ".log");
        Set<String> done = Files.exists(log)
                ? Files.readAllLines(log).stream()
                        .filter(line -> line.startsWith("green "))
                        .map(line -> line.split(" ")[1])
                        .collect(Collectors.toSet())
                : Set.of();
        for (int i = 0; i < Integer.parseInt(given.get("busy")); i++) {
            Thread.ofPlatform().daemon().start(() -> {
                for (long n = 0; n >= 0; n++) {
                    Thread.onSpinWait();
                }
            });
        }
        List<Path> folders;
        try (Stream<Path> files = Files.find(ROOT, 5, (file, _) -> file.endsWith("target/tests.classpath"))) {
            folders = files.map(file -> file.getParent().getParent()).sorted().toList();
        }
        List<String> red = new ArrayList<>();
        try (ExecutorService jobs = Executors.newFixedThreadPool(Integer.parseInt(given.get("jobs")))) {
            for (Path folder : folders) {
                Module module = Module.of(folder);
                for (String name : module.classes()) {
                    if (done.contains(name) || !name.matches(given.get("only"))) {
                        continue;
                    }
                    jobs.submit(() -> {
                        String line = repeat(module, name, times, jvms);
                        synchronized (red) {
                            if (!line.startsWith("green ")) {
                                red.add(line);
                            }
                            System.out.println(line);
                            Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                        }
                        return null;
                    });
                }
            }
        }
        System.out.println(red.isEmpty() ? "all were green" : "red:\n" + String.join("\n", red));
        return red.isEmpty() ? 0 : 1;
    }

    /** The line of the log: "green CLASS ..." or "red CLASS ...". */
    private static String repeat(Module module, String name, int times, int jvms) throws Exception {
        long begin = System.nanoTime();
        List<String> failures = new ArrayList<>();
        for (int i = 0; i < jvms; i++) {
            int runs = times / jvms + (i < times % jvms ? 1 : 0);
            List<String> command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow()));
            command.addAll(module.options);
            String own = System.getProperty("java.class.path");
            command.addAll(List.of("-cp", module.folder.resolve("target/test-classes") + ":" + module.folder.resolve("target/classes") + ":" + module.classpath + ":" + own));
            command.addAll(List.of("Repeat", "--here", name, String.valueOf(runs)));
            Path output = Files.createTempFile("repeat", ".txt");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(module.folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().put("HELIODOR_JAVA_OPTS", String.join(" ", module.options.stream().filter(word -> word.startsWith("-XX:")).toList()));
            builder.environment().put("HELIODOR_TESTS", "short");
            Process process = builder.start();
            boolean ended = process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES);
            if (!ended) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
            }
            if (!ended || process.exitValue() != 0) {
                Path kept = ROOT.resolve(".build/repeat/" + name + "-" + i + ".txt");
                Files.copy(output, kept, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                failures.addAll(Files.readAllLines(output).stream().filter(line -> line.startsWith("FAILED ")).toList());
                if (failures.isEmpty()) {
                    failures.add(ended ? "status " + process.exitValue() : "no end within " + TIMEOUT_MINUTES + " minutes");
                }
            }
            Files.delete(output);
        }
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin);
        return (failures.isEmpty() ? "green " : "red ") + name + " " + times + " times in " + seconds + " s"
                + (failures.isEmpty() ? "" : ", " + failures.size() + " failures: " + String.join("; ", new TreeSet<>(failures)));
    }

    /** Runs a class in this JVM, and returns the number of runs that were red. */
    private static int here(String name, int times) {
        int red = 0;
        for (int i = 0; i < times; i++) {
            List<String> failures = new ArrayList<>();
            LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                    .selectors(selectClass(name))
                    .filters(TagFilter.excludeTags("long"))
                    .build();
            LauncherFactory.create().execute(request, new TestExecutionListener() {
                @Override
                public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                    if (result.getStatus() == TestExecutionResult.Status.FAILED) {
                        String why = result.getThrowable().map(Throwable::toString).orElse("");
                        failures.add("FAILED " + test.getLegacyReportingName() + ": " + why.lines().limit(2).collect(Collectors.joining(" ")));
                        result.getThrowable().ifPresent(Throwable::printStackTrace);
                    }
                }
            });
            failures.forEach(System.out::println);
            red += failures.isEmpty() ? 0 : 1;
        }
        return red;
    }
}
