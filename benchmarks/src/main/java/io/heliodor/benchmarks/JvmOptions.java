package io.heliodor.benchmarks;

import picocli.CommandLine.Option;

/** The options of the JVM of a server that belongs to the benchmarks. */
final class JvmOptions {
    private static final String SERVER = "io.heliodor.benchmarks.traffic.TrafficServer";
    private static final String COLLECTOR = "-XX:\\+Use\\w+GC";

    /** They suit the serial collector alone. */
    private static final String YOUNG_SIZES = "-XX:(Max)?NewSize=\\S+";

    @Option(
            names = "--server-flags",
            paramLabel = "FLAGS",
            defaultValue = "${env:HELIODOR_SERVER_FLAGS:-}",
            description = "Flags of the server's JVM. Default: HELIODOR_SERVER_FLAGS.")
    private String flags = "";

    @Option(
            names = "--jvm",
            paramLabel = "OPTIONS",
            description =
                    "Further options of the server's JVM, separated by spaces. Another collector replaces that of the"
                            + " flags, and the sizes of its young generation.")
    private String further = "";

    @Option(
            names = "--libraries",
            paramLabel = "JARS",
            description = "Class path that comes before that of the server, such as the jars of another logger.")
    private String libraries = "";

    /** The flags with the further options. */
    String all() {
        boolean replaced = (" " + further + " ").matches(".*\\s" + COLLECTOR + "\\s.*");
        String base = replaced ? flags.replaceAll(COLLECTOR, "").replaceAll(YOUNG_SIZES, "") : flags;
        return (base + " " + further).strip().replaceAll("\\s+", " ");
    }

    /** Options given in addition to the flags, and the libraries; for a report. */
    String given() {
        return (further + " " + libraries).strip();
    }

    /** The command line of the server of all kinds of traffic. */
    String server(String added) {
        return OwnServer.command(all() + " " + added, libraries, SERVER, new Object[0]);
    }
}
