package io.heliodor.benchmarks;

import java.io.File;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The command line of a server that belongs to the benchmarks: it runs on the class path of this process. */
final class OwnServer {
    private OwnServer() {}

    /**
     * A command line for {@link ServerProcess}.
     *
     * @param flags of the JVM, separated by white space
     * @param program the name of its main class
     * @param arguments what the program is given
     */
    static String command(String flags, String program, Object... arguments) {
        return command(flags, "", program, arguments);
    }

    /**
     * A command line of a server with libraries that come before those of this process.
     *
     * @param flags of the JVM, separated by white space
     * @param libraries a class path, or nothing
     * @param program the name of its main class
     * @param arguments what the program is given
     */
    static String command(String flags, String libraries, String program, Object[] arguments) {
        String java = ProcessHandle.current().info().command().orElse("java");
        return Stream.concat(
                        Stream.of(
                                quoted(java),
                                flags.replace('\n', ' '),
                                "-cp",
                                quoted((libraries.isEmpty() ? "" : libraries + File.pathSeparator)
                                        + System.getProperty("java.class.path")),
                                program),
                        Arrays.stream(arguments).map(Object::toString))
                .collect(Collectors.joining(" "));
    }

    private static String quoted(String word) {
        return "'" + word.replace("'", "'\\''") + "'";
    }
}
